package dev.lamina.image.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.ImageException;
import dev.lamina.image.tar.TarEntry;
import dev.lamina.image.tar.TarReader;
import dev.lamina.layer.UpperFormat;
import dev.lamina.sys.Devices;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Instant;

/**
 * Unpacks a layer's tar archive into a directory of its own (OCI image layer specification), with
 * whiteouts in a format that mounts read.
 *
 * <p>The archive is not trusted. Whatever it contains, nothing outside of the directory is touched
 * ({@link EntryPath}, {@link LayerTree}). When unpacking fails, the directory is incomplete and
 * must not be used.
 */
public final class LayerUnpacker implements AutoCloseable {
  private static final String META = ".wh..wh.";
  private static final String OPAQUE = ".wh..wh..opq";

  private final UnpackLimits limits;
  private final LayerTree tree;
  private final EntryAttributes attributes = new EntryAttributes();
  private final FileContents contents;
  private final int root;
  private long entries;
  private boolean hasRootEntry;

  /**
   * What was unpacked.
   *
   * @param entries the number of entries of all types
   * @param bytes the sum of the sizes of all files, holes included
   * @param hasRoot whether the archive has an entry for the root directory; otherwise that belongs
   *     to root
   */
  public record Unpacked(long entries, long bytes, boolean hasRoot) {}

  /**
   * @param root a descriptor of an empty directory, which becomes the layer's root; it is not
   *     closed
   * @param format the format of whiteouts and opaque marks
   */
  public LayerUnpacker(int root, UpperFormat format, UnpackLimits limits) {
    this.root = root;
    this.limits = limits;
    tree = new LayerTree(root, format);
    contents = new FileContents(limits);
  }

  /**
   * Unpacks an archive and reads its stream to the end.
   *
   * @param archive not compressed; it is not closed
   * @throws ImageException when an entry is wrong or cannot be unpacked; the message names it
   */
  public Unpacked unpack(InputStream archive) throws IOException {
    EntryAttributes.clearInherited(root);
    LayerTree.check(Linux.fchmodat(root, Linux.EMPTY, 0755), EntryPath.of("/"), "its mode");
    TarReader tar = new TarReader(archive, TarReader.UNKNOWN);
    EntryPath last = EntryPath.of("/");
    TarEntry entry;
    while ((entry = tar.next()) != null) {
      limits.checkEntries(++entries + tree.implied());
      limits.checkBytes(tar.position());
      last = EntryPath.of(entry.name());
      unpack(entry, tar.data(), last);
      if (Thread.interrupted()) {
        throw new InterruptedIOException("interrupted");
      }
    }
    if (!hasRootEntry) {
      // The time of unpacking must not count: the same archive gives the same tree.
      tree.rootHasTimes(0, 0);
    }
    tree.finish(last);
    attributes.finish(tree);
    readToEnd(archive, tar.position());
    return new Unpacked(entries, contents.total(), hasRootEntry);
  }

  /** Reads the rest of the stream, which the layer's digest covers as well. */
  private void readToEnd(InputStream archive, long before) throws IOException {
    byte[] buffer = new byte[1 << 16];
    long read = before;
    int length;
    while ((length = archive.read(buffer)) >= 0) {
      read += length;
      limits.checkBytes(read);
    }
  }

  private void unpack(TarEntry entry, InputStream data, EntryPath path) throws IOException {
    if (path.isRoot()) {
      root(entry, path);
      return;
    }
    tree.enter(path);
    byte[] name = path.name();
    String nameText = new String(name, ISO_8859_1);
    if (nameText.startsWith(EntryPath.WHITEOUT)) {
      whiteout(nameText, path);
    } else if (entry.isHardLink()) {
      attributes.replaced(path);
      tree.link(EntryPath.of(entry.linkName()), name, path);
    } else if (entry.isSymlink()) {
      symlink(entry, name, path);
    } else if (entry.isCharacterDevice() || entry.isBlockDevice() || entry.isFifo()) {
      node(entry, name, path);
    } else if (entry.isDirectory()) {
      directory(entry, name, path);
    } else if (entry.isRegular()) {
      file(entry, data, name, path);
    } else {
      throw new ImageException(path + ": unknown type of entry: " + (entry.type() & 0xff));
    }
  }

  private void root(TarEntry entry, EntryPath path) throws ImageException {
    if (!entry.isDirectory()) {
      throw new ImageException(path + ": the layer's root is not a directory");
    }
    tree.enter(path);
    attributes.clear(root, Linux.EMPTY, path);
    attributes.apply(root, Linux.EMPTY, entry, path);
    Instant time = entry.modified();
    tree.rootHasTimes(time.getEpochSecond(), time.getNano());
    hasRootEntry = true;
  }

  private void whiteout(String name, EntryPath path) throws ImageException {
    if (name.equals(OPAQUE)) {
      tree.makeOpaque(path);
    } else if (!name.startsWith(META)) {
      String hidden = name.substring(EntryPath.WHITEOUT.length());
      if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
        throw new ImageException(path + ": the whiteout hides an invalid name");
      }
      tree.makeWhiteout(hidden.getBytes(ISO_8859_1), path);
    }
    // Other names of this kind are AUFS's own and hide nothing.
  }

  private void directory(TarEntry entry, byte[] name, EntryPath path) throws ImageException {
    if (!tree.makeDirectory(name, path)) {
      attributes.clear(tree.here(), name, path);
    }
    attributes.apply(tree.here(), name, entry, path);
  }

  private void file(TarEntry entry, InputStream data, byte[] name, EntryPath path)
      throws IOException {
    attributes.replaced(path);
    tree.changing(path);
    int fd = contents.create(tree.here(), name);
    if (fd == -Errno.EEXIST) {
      tree.removeOld(name, path);
      fd = contents.create(tree.here(), name);
    }
    LayerTree.check(fd, path, null);
    try {
      contents.write(entry, data, fd, path);
      attributes.apply(fd, Linux.EMPTY, entry, path);
    } finally {
      Linux.close(fd);
    }
  }

  private void symlink(TarEntry entry, byte[] name, EntryPath path) throws ImageException {
    byte[] target = entry.linkName().getBytes(ISO_8859_1);
    if (entry.linkName().indexOf(0) >= 0) {
      throw new ImageException(path + ": the target of the symbolic link contains a NUL");
    }
    attributes.replaced(path);
    tree.changing(path);
    int result = Linux.symlinkat(target, tree.here(), name);
    if (result == -Errno.EEXIST) {
      tree.removeOld(name, path);
      result = Linux.symlinkat(target, tree.here(), name);
    }
    LayerTree.check(result, path, null);
    attributes.apply(tree.here(), name, entry, path);
  }

  private void node(TarEntry entry, byte[] name, EntryPath path) throws ImageException {
    long device = 0;
    int type = Mode.S_IFIFO;
    if (!entry.isFifo()) {
      device = Devices.make(entry.major(), entry.minor());
      type = entry.isCharacterDevice() ? Mode.S_IFCHR : Mode.S_IFBLK;
      if (!limits.devices()) {
        throw new ImageException(path + ": device nodes are not allowed (--no-devices)");
      }
      if (type == Mode.S_IFCHR && device == 0) {
        // This is a whiteout of overlay file systems, which a tar of such a layer contains.
        tree.makeWhiteout(name, path);
        return;
      }
    }
    attributes.replaced(path);
    tree.changing(path);
    int result = Linux.mknodat(tree.here(), name, type | 0600, device);
    if (result == -Errno.EEXIST) {
      tree.removeOld(name, path);
      result = Linux.mknodat(tree.here(), name, type | 0600, device);
    }
    LayerTree.check(result, path, null);
    attributes.apply(tree.here(), name, entry, path);
  }

  @Override
  public void close() {
    tree.close();
    attributes.close();
    contents.close();
  }
}
