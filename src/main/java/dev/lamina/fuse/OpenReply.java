package dev.lamina.fuse;

/** An open file or directory, as the answer to OPEN, OPENDIR and CREATE. Reused. */
public final class OpenReply {
  /** No descriptor. */
  public static final int NO_BACKING = -1;

  /** The file system's handle, given back with every operation on it. */
  public long handle;

  /** The kernel may keep the file's cached data from earlier opens (FOPEN_KEEP_CACHE). */
  public boolean keepCache;

  /**
   * Reads and writes are to come here, each of them, whether or not there is a backing file, which
   * only mappings then are of (FOPEN_DIRECT_IO).
   */
  public boolean direct;

  /** The kernel may cache the directory's listing (FOPEN_CACHE_DIR). */
  public boolean cacheDirectory;

  /**
   * A descriptor that the kernel may read and write the file's data through instead of asking
   * (passthrough), at the transport's choice; {@link #NO_BACKING} for none. It stays the file
   * system's, and open until the file is released.
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
