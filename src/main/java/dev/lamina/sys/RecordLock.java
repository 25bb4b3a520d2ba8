package dev.lamina.sys;

/** {@code struct flock} of fcntl(2): a lock on a range of bytes. */
public final class RecordLock {
  /** {@link Linux#F_RDLCK}, {@link Linux#F_WRLCK} or {@link Linux#F_UNLCK}. */
  public int type;

  /** What {@link #start} counts from: {@link Linux#SEEK_SET} and its like. */
  public int whence;

  /** First byte. */
  public long start;

  /** Bytes; 0 reaches to the end of the file, however far it grows. */
  public long length;

  /** The holder, as F_GETLK tells. */
  public int pid;

  void write(long struct) {
    Memory.putShort(struct, (short) type);
    Memory.putShort(struct + 2, (short) whence);
    Memory.putLong(struct + 8, start);
    Memory.putLong(struct + 16, length);
    Memory.putInt(struct + 24, pid);
  }

  void read(long struct) {
    type = Memory.getShort(struct);
    whence = Memory.getShort(struct + 2);
    start = Memory.getLong(struct + 8);
    length = Memory.getLong(struct + 16);
    pid = Memory.getInt(struct + 24);
  }
}
