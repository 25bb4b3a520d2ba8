package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_attr}, part of several replies. */
public final class Attr {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 88;

  private static final int INO = 0;
  private static final int SIZE = 8;
  private static final int BLOCKS = 16;
  private static final int ATIME = 24;
  private static final int MTIME = 32;
  private static final int CTIME = 40;
  private static final int ATIME_NANOS = 48;
  private static final int MTIME_NANOS = 52;
  private static final int CTIME_NANOS = 56;
  private static final int MODE = 60;
  private static final int NLINK = 64;
  private static final int UID = 68;
  private static final int GID = 72;
  private static final int RDEV = 76;
  private static final int BLOCK_SIZE = 80;
  private static final int FLAGS = 84;

  private Attr() {}

  public static long ino(long address) {
    return Memory.getLong(address + INO);
  }

  public static void ino(long address, long value) {
    Memory.putLong(address + INO, value);
  }

  public static void size(long address, long value) {
    Memory.putLong(address + SIZE, value);
  }

  public static void blocks(long address, long value) {
    Memory.putLong(address + BLOCKS, value);
  }

  public static void atime(long address, long value) {
    Memory.putLong(address + ATIME, value);
  }

  public static void mtime(long address, long value) {
    Memory.putLong(address + MTIME, value);
  }

  public static void ctime(long address, long value) {
    Memory.putLong(address + CTIME, value);
  }

  public static void atimeNanos(long address, int value) {
    Memory.putInt(address + ATIME_NANOS, value);
  }

  public static void mtimeNanos(long address, int value) {
    Memory.putInt(address + MTIME_NANOS, value);
  }

  public static void ctimeNanos(long address, int value) {
    Memory.putInt(address + CTIME_NANOS, value);
  }

  public static int mode(long address) {
    return Memory.getInt(address + MODE);
  }

  public static void mode(long address, int value) {
    Memory.putInt(address + MODE, value);
  }

  public static int nlink(long address) {
    return Memory.getInt(address + NLINK);
  }

  public static void nlink(long address, int value) {
    Memory.putInt(address + NLINK, value);
  }

  public static void uid(long address, int value) {
    Memory.putInt(address + UID, value);
  }

  public static void gid(long address, int value) {
    Memory.putInt(address + GID, value);
  }

  /** Sets the device number in the encoding of {@link DeviceNumber}. */
  public static void rdev(long address, int value) {
    Memory.putInt(address + RDEV, value);
  }

  public static void blockSize(long address, int value) {
    Memory.putInt(address + BLOCK_SIZE, value);
  }

  public static void flags(long address, int value) {
    Memory.putInt(address + FLAGS, value);
  }
}
