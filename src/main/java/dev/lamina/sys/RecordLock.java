package dev.lamina.sys;

/** {@code struct flock} of fcntl(2): a lock on a range of bytes. */
public final class RecordLock {
  static final int STRUCT_SIZE = 32;

  private static final int TYPE = 0;
  private static final int WHENCE = 2;
  private static final int START = 8;
  private static final int LEN = 16;
  private static final int PID = 24;

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
