package dev.lamina.sys;

/**
 * The result of statx(2). Objects are filled repeatedly, so that requests need not allocate any.
 *
 * <p>The layout is that of the kernel's {@code struct statx}, which is the same on every
 * architecture.
 */
public final class Stat {
  public static final int STRUCT_SIZE = 256;

  private static final int MASK = 0;
  private static final int BLKSIZE = 4;
  private static final int ATTRIBUTES = 8;
  private static final int NLINK = 16;
  private static final int UID = 20;
  private static final int GID = 24;
  private static final int MODE = 28;
  private static final int INO = 32;
  private static final int SIZE = 40;
  private static final int BLOCKS = 48;
  private static final int ATIME_SEC = 64;
  private static final int ATIME_NSEC = 72;
  private static final int BTIME_SEC = 80;
  private static final int BTIME_NSEC = 88;
  private static final int CTIME_SEC = 96;
  private static final int CTIME_NSEC = 104;
  private static final int MTIME_SEC = 112;
  private static final int MTIME_NSEC = 120;
  private static final int RDEV_MAJOR = 128;
  private static final int RDEV_MINOR = 132;
  private static final int DEV_MAJOR = 136;
  private static final int DEV_MINOR = 140;
  private static final int MNT_ID = 144;

  private static final int STATX_ATTR_IMMUTABLE = 0x10;
  private static final int STATX_ATTR_APPEND = 0x20;

  /** The device number of the file system, as {@link Devices#make} builds it. */
  public long dev;

  public long ino;

  /** The type and the permission bits, see {@link Mode}. */
  public int mode;

  public int nlink;
  public int uid;
  public int gid;

  /** The device of a device node, as {@link Devices#make} builds it. */
  public long rdev;

  /** The size in bytes. */
  public long size;

  /** The space in use, in units of 512 bytes. */
  public long blocks;

  /** The preferred size of I/O in bytes. */
  public int blockSize;

  /** The id of the mount through which the file was reached; 0 before Linux 5.8. */
  public long mountId;

  /** The {@code STATX_ATTR_} bits that are set, as far as the file system provides them. */
  public long attributes;

  public long atimeSeconds;
  public int atimeNanos;
  public long mtimeSeconds;
  public int mtimeNanos;
  public long ctimeSeconds;
  public int ctimeNanos;

  /** The time of creation; valid only if {@link #hasBirthTime}. */
  public long btimeSeconds;

  public int btimeNanos;

  /** Whether the file system records the time of creation. */
  public boolean hasBirthTime;

  public boolean isDirectory() {
    return Mode.isDirectory(mode);
  }

  public boolean isRegular() {
    return Mode.isRegular(mode);
  }

  public boolean isSymlink() {
    return Mode.isSymlink(mode);
  }

  /** Returns whether the file has the immutable flag ({@code chattr +i}). */
  public boolean isImmutable() {
    return (attributes & STATX_ATTR_IMMUTABLE) != 0;
  }

  /** Returns whether the file has the append-only flag ({@code chattr +a}). */
  public boolean isAppendOnly() {
    return (attributes & STATX_ATTR_APPEND) != 0;
  }

  /** Returns the {@code S_IF} type. */
  public int type() {
    return Mode.type(mode);
  }

  /** Makes this a copy of {@code other}. */
  public void set(Stat other) {
    dev = other.dev;
    ino = other.ino;
    mode = other.mode;
    nlink = other.nlink;
    uid = other.uid;
    gid = other.gid;
    rdev = other.rdev;
    size = other.size;
    blocks = other.blocks;
    blockSize = other.blockSize;
    mountId = other.mountId;
    attributes = other.attributes;
    atimeSeconds = other.atimeSeconds;
    atimeNanos = other.atimeNanos;
    mtimeSeconds = other.mtimeSeconds;
    mtimeNanos = other.mtimeNanos;
    ctimeSeconds = other.ctimeSeconds;
    ctimeNanos = other.ctimeNanos;
    btimeSeconds = other.btimeSeconds;
    btimeNanos = other.btimeNanos;
    hasBirthTime = other.hasBirthTime;
  }

  /**
   * Writes a {@code struct statx} of {@code STRUCT_SIZE} bytes with the basic attributes and, if
   * known, the time of creation. All other fields are zero.
   */
  public void write(long struct) {
    Memory.clear(struct, STRUCT_SIZE);
    Memory.putInt(struct + MASK, Linux.STATX_BASIC_STATS | (hasBirthTime ? Linux.STATX_BTIME : 0));
    Memory.putInt(struct + BLKSIZE, blockSize);
    Memory.putInt(struct + NLINK, nlink);
    Memory.putInt(struct + UID, uid);
    Memory.putInt(struct + GID, gid);
    Memory.putShort(struct + MODE, (short) mode);
    Memory.putLong(struct + INO, ino);
    Memory.putLong(struct + SIZE, size);
    Memory.putLong(struct + BLOCKS, blocks);
    Memory.putLong(struct + ATIME_SEC, atimeSeconds);
    Memory.putInt(struct + ATIME_NSEC, atimeNanos);
    Memory.putLong(struct + BTIME_SEC, btimeSeconds);
    Memory.putInt(struct + BTIME_NSEC, btimeNanos);
    Memory.putLong(struct + CTIME_SEC, ctimeSeconds);
    Memory.putInt(struct + CTIME_NSEC, ctimeNanos);
    Memory.putLong(struct + MTIME_SEC, mtimeSeconds);
    Memory.putInt(struct + MTIME_NSEC, mtimeNanos);
    Memory.putInt(struct + RDEV_MAJOR, Devices.major(rdev));
    Memory.putInt(struct + RDEV_MINOR, Devices.minor(rdev));
  }

  void read(long struct) {
    hasBirthTime = (Memory.getInt(struct + MASK) & Linux.STATX_BTIME) != 0;
    btimeSeconds = Memory.getLong(struct + BTIME_SEC);
    btimeNanos = Memory.getInt(struct + BTIME_NSEC);
    mountId = Memory.getLong(struct + MNT_ID);
    attributes = Memory.getLong(struct + ATTRIBUTES);
    blockSize = Memory.getInt(struct + BLKSIZE);
    nlink = Memory.getInt(struct + NLINK);
    uid = Memory.getInt(struct + UID);
    gid = Memory.getInt(struct + GID);
    mode = Memory.getShort(struct + MODE);
    ino = Memory.getLong(struct + INO);
    size = Memory.getLong(struct + SIZE);
    blocks = Memory.getLong(struct + BLOCKS);
    atimeSeconds = Memory.getLong(struct + ATIME_SEC);
    atimeNanos = Memory.getInt(struct + ATIME_NSEC);
    ctimeSeconds = Memory.getLong(struct + CTIME_SEC);
    ctimeNanos = Memory.getInt(struct + CTIME_NSEC);
    mtimeSeconds = Memory.getLong(struct + MTIME_SEC);
    mtimeNanos = Memory.getInt(struct + MTIME_NSEC);
    rdev = Devices.make(Memory.getInt(struct + RDEV_MAJOR), Memory.getInt(struct + RDEV_MINOR));
    dev = Devices.make(Memory.getInt(struct + DEV_MAJOR), Memory.getInt(struct + DEV_MINOR));
  }
}
