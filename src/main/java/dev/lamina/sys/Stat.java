package dev.lamina.sys;

/**
 * What statx(2) says of a file. A plain holder that is filled again and again, so that a request
 * allocates none.
 *
 * <p>The layout read here is the kernel's {@code struct statx}, the same on every architecture.
 */
public final class Stat {
  static final int STRUCT_SIZE = 256;

  /** Device number of the file system, as {@link Devices#make} builds it. */
  public long dev;

  public long ino;

  /** Type and permission bits, see {@link Mode}. */
  public int mode;

  public int nlink;
  public int uid;
  public int gid;

  /** For device nodes, the device; as {@link Devices#make} builds it. */
  public long rdev;

  /** Bytes. */
  public long size;

  /** Units of 512 bytes. */
  public long blocks;

  /** Preferred I/O size in bytes. */
  public int blockSize;

  public long atimeSeconds;
  public int atimeNanos;
  public long mtimeSeconds;
  public int mtimeNanos;
  public long ctimeSeconds;
  public int ctimeNanos;

  public boolean isDirectory() {
    return Mode.isDirectory(mode);
  }

  public boolean isRegular() {
    return Mode.isRegular(mode);
  }

  public boolean isSymlink() {
    return Mode.isSymlink(mode);
  }

  /** The {@code S_IF} type. */
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
    atimeSeconds = other.atimeSeconds;
    atimeNanos = other.atimeNanos;
    mtimeSeconds = other.mtimeSeconds;
    mtimeNanos = other.mtimeNanos;
    ctimeSeconds = other.ctimeSeconds;
    ctimeNanos = other.ctimeNanos;
  }

  void read(long struct) {
    blockSize = Memory.getInt(struct + 4);
    nlink = Memory.getInt(struct + 16);
    uid = Memory.getInt(struct + 20);
    gid = Memory.getInt(struct + 24);
    mode = Memory.getShort(struct + 28);
    ino = Memory.getLong(struct + 32);
    size = Memory.getLong(struct + 40);
    blocks = Memory.getLong(struct + 48);
    atimeSeconds = Memory.getLong(struct + 64);
    atimeNanos = Memory.getInt(struct + 72);
    ctimeSeconds = Memory.getLong(struct + 96);
    ctimeNanos = Memory.getInt(struct + 104);
    mtimeSeconds = Memory.getLong(struct + 112);
    mtimeNanos = Memory.getInt(struct + 120);
    rdev = Devices.make(Memory.getInt(struct + 128), Memory.getInt(struct + 132));
    dev = Devices.make(Memory.getInt(struct + 136), Memory.getInt(struct + 140));
  }
}
