package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_setattr_in}. */
public final class SetattrIn {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 88;

  public static final int SET_MODE = 1 << 0;
  public static final int SET_UID = 1 << 1;
  public static final int SET_GID = 1 << 2;
  public static final int SET_SIZE = 1 << 3;
  public static final int SET_ATIME = 1 << 4;
  public static final int SET_MTIME = 1 << 5;
  public static final int FH_VALID = 1 << 6;
  public static final int ATIME_NOW = 1 << 7;
  public static final int MTIME_NOW = 1 << 8;
  public static final int KILL_SUIDGID = 1 << 11;

  private static final int VALID = 0;
  private static final int HANDLE = 8;
  private static final int SIZE = 16;
  private static final int ATIME = 32;
  private static final int MTIME = 40;
  private static final int ATIME_NANOS = 56;
  private static final int MTIME_NANOS = 60;
  private static final int MODE = 68;
  private static final int UID = 76;
  private static final int GID = 80;

  private SetattrIn() {}

  /** Returns {@code FATTR_} bits, which say which of the other fields are valid. */
  public static int valid(long address) {
    return Memory.getInt(address + VALID);
  }

  public static long handle(long address) {
    return Memory.getLong(address + HANDLE);
  }

  public static long size(long address) {
    return Memory.getLong(address + SIZE);
  }

  public static long atime(long address) {
    return Memory.getLong(address + ATIME);
  }

  public static long mtime(long address) {
    return Memory.getLong(address + MTIME);
  }

  public static int atimeNanos(long address) {
    return Memory.getInt(address + ATIME_NANOS);
  }

  public static int mtimeNanos(long address) {
    return Memory.getInt(address + MTIME_NANOS);
  }

  public static int mode(long address) {
    return Memory.getInt(address + MODE);
  }

  public static int uid(long address) {
    return Memory.getInt(address + UID);
  }

  public static int gid(long address) {
    return Memory.getInt(address + GID);
  }
}
