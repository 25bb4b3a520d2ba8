package dev.lamina.image.layer;

import dev.lamina.image.tar.TarWriter;
import dev.lamina.image.tar.Xattr;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Mode;
import dev.lamina.sys.NativeMemory;
import dev.lamina.sys.Stat;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes objects of a merged tree to a tar archive. The first name of an object with several names
 * is written with the data, the others as links to it. One thread uses it and closes it.
 *
 * <p>A file is written with the size that it had when it was found: one that becomes shorter while
 * it is read is filled with zeros, one that becomes longer is truncated, with a warning in both
 * cases. Sockets are left out, as docker does: only the process that made a socket could use it,
 * and tar archives have no type for them.
 */
final class ObjectWriter implements AutoCloseable {
  private static final byte[] ZEROS = new byte[64 << 10];

  private record Inode(long dev, long ino) {}

  /** An object that was written, under one of its names. */
  private static final class Written {
    final byte[] path;
    int namesLeft;

    Written(byte[] path, int namesLeft) {
      this.path = path;
      this.namesLeft = namesLeft;
    }
  }

  private final TarWriter tar;
  private final ObjectReader reader;
  private final TarOptions options;
  private final NativeMemory memory = new NativeMemory(ObjectData.CHUNK);
  private final byte[] chunk = new byte[ObjectData.CHUNK];
  private final Map<Inode, Written> written = new HashMap<>();
  private long entries;

  /**
   * @param tar is not finished, and the reader not closed
   */
  ObjectWriter(TarWriter tar, ObjectReader reader, TarOptions options) {
    this.tar = tar;
    this.reader = reader;
    this.options = options;
  }

  /** Returns the number of entries written so far. */
  long entries() {
    return entries;
  }

  /** Writes a mark, an empty regular file whose attributes are always the same. */
  void mark(byte[] path) throws IOException {
    Stat stat = new Stat();
    stat.mode = Mode.S_IFREG | 0600;
    tar.put(path, stat, null, List.of());
    tar.end();
    entries++;
  }

  /**
   * Writes an object.
   *
   * @throws ErrnoException when the object cannot be read, ENOENT when it is gone; then nothing was
   *     written
   * @throws IOException when the archive cannot be written, or the file cannot be read to its end
   */
  void write(byte[] path, TreeObject object) throws IOException, ErrnoException {
    if (object.stat().type() == Mode.S_IFSOCK) {
      options.warnings().accept(TreePath.quote(path) + " is a socket and is left out");
      return;
    }
    Stat stat = new Stat();
    stat.set(object.stat());
    clamp(stat);
    List<Xattr> xattrs = reader.xattrs(object);
    boolean isShared = !stat.isDirectory() && stat.nlink > 1;
    Inode inode = isShared ? new Inode(stat.dev, stat.ino) : null;
    Written first = isShared ? written.get(inode) : null;
    if (first != null) {
      tar.putLink(path, stat, first.path, xattrs);
      first.namesLeft--;
      if (first.namesLeft == 0) {
        written.remove(inode);
      }
    } else {
      writeFirst(path, object, stat, xattrs);
      if (isShared) {
        written.put(inode, new Written(path, stat.nlink - 1));
      }
    }
    entries++;
  }

  private void clamp(Stat stat) {
    if (stat.mtimeSeconds >= options.latestTime()) {
      stat.mtimeSeconds = options.latestTime();
      stat.mtimeNanos = 0;
    }
  }

  private void writeFirst(byte[] path, TreeObject object, Stat stat, List<Xattr> xattrs)
      throws IOException, ErrnoException {
    if (stat.isSymlink()) {
      tar.put(path, stat, reader.linkTarget(object), xattrs);
    } else if (!stat.isRegular()) {
      tar.put(path, stat, null, xattrs);
    } else if (stat.size == 0) {
      tar.put(path, stat, null, xattrs);
      tar.end();
    } else {
      try (ObjectData data = ObjectData.open(object, memory)) {
        tar.put(path, stat, null, xattrs);
        copy(path, data, object);
        tar.end();
      }
    }
  }

  private void copy(byte[] path, ObjectData data, TreeObject object) throws IOException {
    long size = object.stat().size;
    long at = 0;
    boolean isWhole = true;
    try {
      while (at < size) {
        long hole = data.holeEnd(at, size);
        if (hole > at) {
          writeZeros(hole - at);
          at = hole;
          continue;
        }
        int length = (int) Math.min(ObjectData.CHUNK, size - at);
        int count = data.read(at, chunk, length);
        tar.write(chunk, 0, count);
        at += count;
        if (count < length) {
          isWhole = false;
          writeZeros(size - at);
          at = size;
        }
      }
      if (!isWhole || data.hasChanged(object)) {
        options.warnings().accept(TreePath.quote(path) + " was changed while it was read");
      }
    } catch (ErrnoException e) {
      throw TreePath.unreadable(path, e);
    }
  }

  private void writeZeros(long count) throws IOException {
    for (long left = count; left > 0; ) {
      int length = (int) Math.min(ZEROS.length, left);
      tar.write(ZEROS, 0, length);
      left -= length;
    }
  }

  @Override
  public void close() {
    memory.close();
  }
}
