package dev.lamina.fuse;

/**
 * An open file or directory, which answers OPEN, OPENDIR and CREATE. One object is reused for all
 * requests of a thread.
 */
public final class OpenReply {
  /** The value of {@link #backing} that stands for no descriptor. */
  public static final int NO_BACKING = -1;

  /**
   * The handle that the file system has given to the open file; the kernel passes it with every
   * operation on the file.
   */
  public long handle;

  /**
   * Whether the kernel may keep the data of the file that it has cached during earlier opens
   * (FOPEN_KEEP_CACHE).
   */
  public boolean keepCache;

  /**
   * Whether every read and write is sent to the daemon, with or without a backing file, which then
   * serves mappings only (FOPEN_DIRECT_IO).
   */
  public boolean direct;

  /** Whether the kernel may cache the directory's listing (FOPEN_CACHE_DIR). */
  public boolean cacheDirectory;

  /**
   * A descriptor through which the kernel may read and write the file's data without the daemon
   * (passthrough), if the transport chooses so; {@link #NO_BACKING} for none. The file system keeps
   * it open until the file is released, and closes it.
   */
  public int backing = NO_BACKING;

  /** Makes this an answer without a handle. */
  public void clear() {
    handle = FuseFileSystem.NO_HANDLE;
    keepCache = false;
    direct = false;
    cacheDirectory = false;
    backing = NO_BACKING;
  }
}
