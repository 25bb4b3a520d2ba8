package dev.lamina.fuse;

/**
 * Who asks. One object per transport thread, filled again for every request; a file system must not
 * keep it.
 */
public final class RequestContext {
  /** Of the calling thread, in the mounting user namespace. */
  public int uid;

  public int gid;

  /** Thread id of the caller; 0 where it lives in another pid namespace. */
  public int pid;

  /**
   * The caller's umask. The file system applies it to new objects itself: where the parent has a
   * default ACL, the umask does not count (acl(5)).
   */
  public int umask;
}
