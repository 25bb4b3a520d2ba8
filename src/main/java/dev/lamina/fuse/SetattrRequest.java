package dev.lamina.fuse;

/** What SETATTR is to change: each attribute with a flag that says whether. Reused. */
public final class SetattrRequest {
  public boolean setMode;

  /** Permission bits. */
  public int mode;

  public boolean setUid;
  public int uid;
  public boolean setGid;
  public int gid;
  public boolean setSize;

  /** Bytes. */
  public long size;

  public boolean setAtime;
  public long atimeSeconds;

  /** Nanoseconds, or {@link dev.lamina.sys.Linux#UTIME_NOW}. */
  public int atimeNanos;

  public boolean setMtime;
  public long mtimeSeconds;

  /** Nanoseconds, or {@link dev.lamina.sys.Linux#UTIME_NOW}. */
  public int mtimeNanos;

  /**
   * Asked for nothing else: the kernel is about to write by itself, or somebody gives the file to
   * the owner it has (chown(2) with −1). Setuid and setgid may have to go, which the kernel leaves
   * to the file system (FUSE_HANDLE_KILLPRIV_V2).
   */
  public boolean dropSetid;

  /** The open file it was asked of, or {@link FuseFileSystem#NO_HANDLE}. */
  public long handle;

  /** Forgets all changes. */
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
