package dev.lamina.sys;

/** What statfs(2) says of a file system; the layout is that of 64-bit architectures. */
public final class FileSystemStat {
  /** {@code f_type} of every FUSE file system. */
  public static final long FUSE_MAGIC = 0x65735546L;

  /** OVERLAYFS_SUPER_MAGIC. */
  public static final long OVERLAYFS_MAGIC = 0x794c7630L;

  /** ECRYPTFS_SUPER_MAGIC. */
  public static final long ECRYPTFS_MAGIC = 0xf15fL;

  static final int STRUCT_SIZE = 120;

  private static final int TYPE = 0;
  private static final int BSIZE = 8;
  private static final int BLOCKS = 16;
  private static final int BFREE = 24;
  private static final int BAVAIL = 32;
  private static final int FILES = 40;
  private static final int FFREE = 48;
  private static final int FSID = 56;
  private static final int NAMELEN = 64;
  private static final int FRSIZE = 72;

  /** Magic number, for example {@link #FUSE_MAGIC}. */
  public long type;

  /** Bytes in a block. */
  public long blockSize;

  /** In units of {@link #fragmentSize}. */
  public long blocks;

  public long blocksFree;

  /** Free to a process without privileges. */
  public long blocksAvailable;

  public long files;
  public long filesFree;

  /** {@code f_fsid}: tells file systems apart; 0 where there is none. */
  public long id;

  /** Longest name in bytes. */
  public long nameLength;

  /** Unit of the block counts, in bytes. */
  public long fragmentSize;

  /** Whether its files are those of another file system, which the kernel counts when stacking. */
  public boolean isStacked() {
    return type == OVERLAYFS_MAGIC || type == ECRYPTFS_MAGIC;
  }

  void read(long struct) {
    type = Memory.getLong(struct + TYPE);
    blockSize = Memory.getLong(struct + BSIZE);
    blocks = Memory.getLong(struct + BLOCKS);
    blocksFree = Memory.getLong(struct + BFREE);
    blocksAvailable = Memory.getLong(struct + BAVAIL);
    files = Memory.getLong(struct + FILES);
    filesFree = Memory.getLong(struct + FFREE);
    id = Memory.getLong(struct + FSID);
    nameLength = Memory.getLong(struct + NAMELEN);
    fragmentSize = Memory.getLong(struct + FRSIZE);
  }
}
