package dev.lamina.sys;

/** What statfs(2) says of a file system; the layout is that of 64-bit architectures. */
public final class FileSystemStat {
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

  /** Longest name in bytes. */
  public long nameLength;

  /** Unit of the block counts, in bytes. */
  public long fragmentSize;

  /** {@code f_type} of every FUSE file system. */
  public static final long FUSE_MAGIC = 0x65735546L;

  void read(long struct) {
    type = Memory.getLong(struct);
    blockSize = Memory.getLong(struct + 8);
    blocks = Memory.getLong(struct + 16);
    blocksFree = Memory.getLong(struct + 24);
    blocksAvailable = Memory.getLong(struct + 32);
    files = Memory.getLong(struct + 40);
    filesFree = Memory.getLong(struct + 48);
    nameLength = Memory.getLong(struct + 64);
    fragmentSize = Memory.getLong(struct + 72);
  }
}
