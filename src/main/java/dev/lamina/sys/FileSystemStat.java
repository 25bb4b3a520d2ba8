package dev.lamina.sys;

/** The result of statfs(2), in the layout of 64-bit architectures. */
public final class FileSystemStat {
  /** The {@code f_type} of every FUSE file system. */
  public static final long FUSE_MAGIC = 0x65735546L;

  /** The {@code f_type} of overlayfs: OVERLAYFS_SUPER_MAGIC. */
  public static final long OVERLAYFS_MAGIC = 0x794c7630L;

  /** The {@code f_type} of eCryptfs: ECRYPTFS_SUPER_MAGIC. */
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

  /** The type of the file system, for example {@link #FUSE_MAGIC}. */
  public long type;

  /** The size of a block in bytes. */
  public long blockSize;

  /** The number of blocks, in units of {@link #fragmentSize}. */
  public long blocks;

  public long blocksFree;

  /** The number of blocks that a process without privileges can use. */
  public long blocksAvailable;

  public long files;
  public long filesFree;

  /** The id of the file system, {@code f_fsid}; 0 if it has none. */
  public long id;

  /** The length of the longest name in bytes. */
  public long nameLength;

  /** The unit of the block counts in bytes. */
  public long fragmentSize;

  /**
   * Returns whether the file system is stacked on another one, which counts for the kernel's limit
   * of stacking depth.
   */
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
