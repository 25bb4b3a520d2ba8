package dev.lamina.sys;

/** A lock on a range of bytes: {@code struct flock} of fcntl(2). */
public final class RecordLock {
  static final int STRUCT_SIZE = 32;

  private static final int TYPE = 0;
  private static final int WHENCE = 2;
  private static final int START = 8;
  private static final int LEN = 16;
  private static final int PID = 24;

  /**
   * The type of the lock: {@link Linux#F_RDLCK}, {@link Linux#F_WRLCK} or {@link Linux#F_UNLCK}.
   */
  public int type;

  /** The position that {@link #start} is relative to, for example {@link Linux#SEEK_SET}. */
  public int whence;

  /** The offset of the first byte. */
  public long start;

  /** The number of bytes; 0 means up to the end of the file, however large it grows. */
  public long length;

  /** The process that holds the lock, as F_GETLK returns it. */
  public int pid;

  void write(long struct) {
    Memory.putShort(struct + TYPE, (short) type);
    Memory.putShort(struct + WHENCE, (short) whence);
    Memory.putLong(struct + START, start);
    Memory.putLong(struct + LEN, length);
    Memory.putInt(struct + PID, pid);
  }

  void read(long struct) {
    type = Memory.getShort(struct + TYPE);
    whence = Memory.getShort(struct + WHENCE);
    start = Memory.getLong(struct + START);
    length = Memory.getLong(struct + LEN);
    pid = Memory.getInt(struct + PID);
  }
}
