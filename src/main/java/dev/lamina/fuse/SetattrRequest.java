package dev.lamina.fuse;

/**
 * The changes that SETATTR asks for: each attribute has a flag that says whether it is changed. One
 * object is reused for all requests of a thread.
 */
public final class SetattrRequest {
  public boolean setMode;

  /** The permission bits. */
  public int mode;

  public boolean setUid;
  public int uid;
  public boolean setGid;
  public int gid;
  public boolean setSize;

  /** The size in bytes. */
  public long size;

  public boolean setAtime;
  public long atimeSeconds;

  /** The nanoseconds, or {@link dev.lamina.sys.Linux#UTIME_NOW}. */
  public int atimeNanos;

  public boolean setMtime;
  public long mtimeSeconds;

  /** The nanoseconds, or {@link dev.lamina.sys.Linux#UTIME_NOW}. */
  public int mtimeNanos;

  /**
   * Whether the request changes nothing else: the kernel is about to write by itself, or a caller
   * gives the file the owner it already has (chown(2) with −1). The setuid and setgid bits may have
   * to be cleared, which the kernel leaves to the file system (FUSE_HANDLE_KILLPRIV_V2).
   */
  public boolean dropSetid;

  /** The open file that the request was made on, or {@link FuseFileSystem#NO_HANDLE}. */
  public long handle;

  /** Clears all changes. */
  public void clear() {
    setMode = false;
    setUid = false;
    setGid = false;
    setSize = false;
    setAtime = false;
    setMtime = false;
    dropSetid = false;
    handle = FuseFileSystem.NO_HANDLE;
  }
}
