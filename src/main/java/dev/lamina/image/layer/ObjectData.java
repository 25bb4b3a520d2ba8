package dev.lamina.image.layer;

import dev.lamina.layer.LayerFile;
import dev.lamina.layer.Place;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.NativeMemory;
import dev.lamina.sys.Stat;

/** The data of a regular file, open, with its holes: for one thread, which closes it. */
final class ObjectData implements AutoCloseable {
  /** The most bytes read at a time. */
  static final int CHUNK = 128 << 10;

  /** What files report their size in (stat(2), st_blocks). */
  private static final int BLOCK = 512;

  private final NativeMemory memory;
  private final LayerFile file;

  /** False where the data is that of another file, on a layer below. */
  private boolean isOwn;

  /** False when it has no holes, or they cannot be asked for. */
  private boolean hasHoles;

  /** Below it there is data from the last answer's position on. */
  private long dataEnd;

  private ObjectData(LayerFile file, NativeMemory memory) {
    this.file = file;
    this.memory = memory;
  }

  /**
   * Opens a file.
   *
   * @param memory {@link #CHUNK} bytes, which stay the caller's, for as long as this is open
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
    // A metacopy has blocks of none of its data, and is asked as well.
    data.hasHoles = data.file.backingFd() >= 0 && object.stat().blocks * BLOCK < object.stat().size;
    return data;
  }

  /** True when it is not the file, or not with the contents, that was found. */
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

  /** Where the hole ends that an offset lies in, {@code end} at most; the offset where none is. */
  long holeEnd(long offset, long end) throws ErrnoException {
    if (!hasHoles || offset < dataEnd) {
      return offset;
    }
    long data = Linux.lseek(file.backingFd(), offset, Linux.SEEK_DATA);
    if (data == -Errno.ENXIO) {
      // No data any more; or the file has become shorter, which reading would show as well.
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
