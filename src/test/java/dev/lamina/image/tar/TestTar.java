package dev.lamina.image.tar;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.ZipEncodingHelper;

/** Builds archives that common programs would not write. */
public final class TestTar {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes);

  public TestTar() {
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
  }

  public TestTar file(String name, String contents) throws IOException {
    return file(name, contents.getBytes(UTF_8));
  }

  public TestTar file(String name, byte[] contents) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, true);
    entry.setModTime(0);
    entry.setSize(contents.length);
    tar.putArchiveEntry(entry);
    tar.write(contents);
    tar.closeArchiveEntry();
    return this;
  }

  public TestTar symlink(String name, String target) throws IOException {
    return link(name, TarConstants.LF_SYMLINK, target);
  }

  public TestTar hardLink(String name, String target) throws IOException {
    return link(name, TarConstants.LF_LINK, target);
  }

  private TestTar link(String name, byte type, String target) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, type);
    entry.setModTime(0);
    entry.setLinkName(target);
    tar.putArchiveEntry(entry);
    tar.closeArchiveEntry();
    return this;
  }

  /** Adds a header without data, whatever its size says. */
  public TestTar raw(String name, byte type, long size) throws IOException {
    tar.flush();
    TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
    entry.setModTime(0);
    entry.setSize(size);
    byte[] header = new byte[512];
    // Large numbers are in base 256, as GNU tar writes them.
    entry.writeEntryHeader(header, ZipEncodingHelper.getZipEncoding(UTF_8), true);
    bytes.writeBytes(header);
    return this;
  }

  /** Adds bytes between the entries. */
  public TestTar bytes(byte[] more) throws IOException {
    tar.flush();
    bytes.writeBytes(more);
    return this;
  }

  /** Returns the archive without the blocks of zeros at its end. */
  public byte[] unfinished() throws IOException {
    tar.flush();
    return bytes.toByteArray();
  }

  public byte[] finished() throws IOException {
    tar.close();
    return bytes.toByteArray();
  }

  public Path write(Path file) throws IOException {
    return Files.write(file, finished());
  }
}
