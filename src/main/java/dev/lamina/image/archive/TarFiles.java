package dev.lamina.image.archive;

import dev.lamina.image.ImageException;
import dev.lamina.image.Messages;
import dev.lamina.image.file.HostFile;
import dev.lamina.image.layout.ImageFiles;
import dev.lamina.image.tar.BoundedInput;
import dev.lamina.image.tar.TarEntry;
import dev.lamina.image.tar.TarNames;
import dev.lamina.image.tar.TarReader;
import dev.lamina.sys.Fd;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;

/**
 * The files in a tar, which are read in place. One pass over the headers determines their offsets.
 *
 * <p>Links are followed within the tar only. If a name occurs twice, docker, which unpacks the tar,
 * uses the last member and skopeo the first. For content that is named by its digest this makes no
 * difference, and the last one is used; a document, which is not verified, is then an error.
 */
final class TarFiles implements ImageFiles {
  /** Enough for five hundred images of a hundred layers in the first {@code docker save} format. */
  private static final int MOST_MEMBERS = 200_000;

  /** The limit for the characters of all names together. */
  private static final int MOST_CHARACTERS = 64 << 20;

  private static final int MOST_LINKS = 16;

  private final Fd fd;
  private final String shown;

  /** The members by their names, which are bytes, each held as one character. */
  private final Map<String, Member> members = new HashMap<>();

  private int charactersLeft = MOST_CHARACTERS;

  /**
   * A file or a link.
   *
   * @param target of a link, by its name in the tar; null for a file
   * @param isRepeated true if an earlier member has the same name
   */
  private record Member(long offset, long size, String target, boolean isRepeated) {}

  /**
   * Reads the headers.
   *
   * @param fd of the tar, a regular file; it is closed with this object, and also if the
   *     constructor throws
   * @param shown the tar for messages
   */
  TarFiles(Fd fd, String shown) throws IOException {
    this.fd = fd;
    this.shown = Messages.quote(shown);
    try (InputStream in = HostFile.input(fd, 0)) {
      TarReader tar = new TarReader(in, HostFile.stat(fd, shown).size);
      for (TarEntry entry = next(tar); entry != null; entry = next(tar)) {
        add(entry, tar.position());
      }
      if (tar.position() % TarReader.BLOCK != 0) {
        throw new ImageException(this.shown + " is truncated: it ends within a block");
      }
    } catch (IOException e) {
      fd.close();
      throw e;
    }
  }

  private TarEntry next(TarReader tar) throws IOException {
    try {
      return tar.next();
    } catch (ImageException e) {
      String what = tar.isTar() ? " cannot be read: " : " is not a tar, or is damaged: ";
      throw new ImageException(shown + what + e.getMessage(), e);
    }
  }

  private void add(TarEntry entry, long position) throws IOException {
    String name = TarNames.normalized(entry.name(), shown);
    if (entry.isDirectory() && entry.size() > 0) {
      throw new ImageException(describe(name) + " is a directory that has data");
    }
    if (entry.isDirectory() || name.isEmpty()) {
      return;
    }
    charactersLeft -= name.length() + entry.linkName().length();
    if (members.size() == MOST_MEMBERS || charactersLeft < 0) {
      throw new ImageException(
          shown + " has more members than any archive of images: more than " + members.size());
    }
    boolean isRepeated = members.containsKey(name);
    if (entry.isSymlink()) {
      String target = TarNames.linked(name, entry.linkName(), shown);
      members.put(name, new Member(0, 0, target, isRepeated));
    } else if (entry.isHardLink()) {
      String target = TarNames.normalized(entry.linkName(), shown);
      members.put(name, new Member(0, 0, target, isRepeated));
    } else if (entry.sparse() != null) {
      throw new ImageException(
          describe(name) + " is stored as a sparse file: write the archive without --sparse");
    } else if (entry.hasData()) {
      members.put(name, new Member(position, entry.size(), null, isRepeated));
    } else if (entry.size() > 0 || !entry.name().endsWith("/")) {
      // Without data, a name with a slash at its end is that of a directory to some programs,
      // whatever the type is, and is not needed.
      throw new ImageException(describe(name) + " is neither a file nor a directory nor a link");
    }
  }

  @Override
  public long size(String name) throws IOException {
    Member member = find(name);
    return member == null ? -1 : member.size;
  }

  @Override
  public InputStream open(String name, long offset) throws IOException {
    Member member = find(name);
    if (member == null) {
      throw missing(name);
    }
    long start = Math.min(Math.max(offset, 0), member.size);
    return new BoundedInput(
        HostFile.input(fd, member.offset + start), member.size - start, describe(name));
  }

  @Override
  public byte[] document(String name) throws IOException {
    Member member = members.get(TarNames.ofText(name));
    if (member != null && member.isRepeated) {
      throw new ImageException(
          shown
              + " holds "
              + Messages.quote(name)
              + " more than once, and programs differ in which one they use: write the archive again");
    }
    return ImageFiles.super.document(name);
  }

  /** Returns the file of a name, which is text, following links, or null if there is none. */
  private Member find(String name) throws ImageException {
    Member member = members.get(TarNames.ofText(name));
    for (int i = 0; member != null && member.target != null; i++) {
      if (i == MOST_LINKS) {
        throw new ImageException(describe(name) + " is a link in a cycle of links");
      }
      member = members.get(member.target);
    }
    return member;
  }

  @Override
  public void close() {
    fd.close();
  }

  @Override
  public String toString() {
    return shown;
  }
}
