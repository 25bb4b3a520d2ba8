package dev.lamina.image.layer;

import dev.lamina.layer.LayerFile;
import dev.lamina.layer.Place;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.NativeMemory;
import dev.lamina.sys.Stat;

/** The data of an open regular file, with its holes. One thread uses it and closes it. */
final class ObjectData implements AutoCloseable {
  /** The most bytes read at a time. */
  static final int CHUNK = 128 << 10;

  /** The unit in which the file system reports the space of a file (stat(2), st_blocks). */
  private static final int BLOCK = 512;

  private final NativeMemory memory;
  private final LayerFile file;

  /** False when the data is that of a file on a lower layer. */
  private boolean isOwn;

  /** False when the file has no holes, or they cannot be found. */
  private boolean hasHoles;

  /** There is data from the last result of {@link #holeEnd} up to this offset. */
  private long dataEnd;

  private ObjectData(LayerFile file, NativeMemory memory) {
    this.file = file;
    this.memory = memory;
  }

  /**
   * Opens a file.
   *
   * @param memory {@link #CHUNK} bytes, which are used while this object is open, and not freed
   */
  static ObjectData open(TreeObject object, NativeMemory memory) throws ErrnoException {
    Place place = object.data();
    LayerFile[] file = new LayerFile[1];
    try {
      ErrnoException.check(place.directory().open(place.name(), file));
    } finally {
      place.directory().drop();
    }
    ObjectData data = new ObjectData(file[0], memory);
    data.isOwn = place.directory() == object.directory();
    // A metacopy has no blocks for its data, so that holes are looked for in this case as well.
    data.hasHoles = data.file.backingFd() >= 0 && object.stat().blocks * BLOCK < object.stat().size;
    return data;
  }

  /**
   * Returns true when this is not the file that was found, or its contents have changed since then.
   */
  boolean hasChanged(TreeObject found) throws ErrnoException {
    if (!isOwn || file.backingFd() < 0) {
      return false;
    }
    Stat before = found.stat();
    Stat now = new Stat();
    ErrnoException.check(Linux.fstat(file.backingFd(), now));
    return now.ino != before.ino
        || now.size != before.size
        || now.mtimeSeconds != before.mtimeSeconds
        || now.mtimeNanos != before.mtimeNanos;
  }

  /**
   * Returns the end of the hole around an offset, at most {@code end}; the offset itself when there
   * is no hole.
   */
  long holeEnd(long offset, long end) throws ErrnoException {
    if (!hasHoles || offset < dataEnd) {
      return offset;
    }
    long data = Linux.lseek(file.backingFd(), offset, Linux.SEEK_DATA);
    if (data == -Errno.ENXIO) {
      // There is no more data, or the file has become shorter, which reading would show as well.
      return end;
    }
    if (data < 0) {
      hasHoles = false;
      return offset;
    }
    long hole = Linux.lseek(file.backingFd(), data, Linux.SEEK_HOLE);
    dataEnd = hole < 0 ? data : hole;
    return Math.min(data, end);
  }

  /**
   * Reads up to {@link #CHUNK} bytes.
   *
   * @return fewer than {@code length} only at the end of the file
   */
  int read(long offset, byte[] into, int length) throws ErrnoException {
    int count = ErrnoException.check(file.read(memory.address(), length, offset));
    Memory.getBytes(memory.address(), into, 0, count);
    return count;
  }

  @Override
  public void close() {
    file.close();
  }
}
