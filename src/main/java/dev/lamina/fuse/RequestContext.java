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

  /**
   * The change takes setuid and setgid bits away, since its caller has no CAP_FSETID and the kernel
   * leaves it to the file system (FUSE_HANDLE_KILLPRIV_V2). Of an access control list's change,
   * only setgid.
   */
  public boolean killSetid;

  /**
   * Of an access control list's change, where the kernel does not say whether it takes setgid away:
   * the file system finds that out from who the caller is.
   */
  public boolean mayKillSetid;
}
