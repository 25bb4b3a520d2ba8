package dev.lamina.fuse;

/**
 * The caller of a request. One object per transport thread is filled again for every request; a
 * file system must not keep it.
 */
public final class RequestContext {
  /** The user id of the calling thread, in the user namespace of the mount. */
  public int uid;

  /** The group id of the calling thread, in the user namespace of the mount. */
  public int gid;

  /** The thread id of the caller; 0 if it is in another pid namespace. */
  public int pid;

  /**
   * The caller's umask. The file system itself applies it to new objects: if the parent has a
   * default ACL, the umask is ignored (acl(5)).
   */
  public int umask;

  /**
   * Whether the request clears the setuid and setgid bits: its caller has no CAP_FSETID, and the
   * kernel leaves clearing them to the file system (FUSE_HANDLE_KILLPRIV_V2). A request that sets
   * an access control list clears only setgid.
   */
  public boolean killSetid;

  /**
   * Whether a request that sets an access control list may have to clear setgid, which the kernel
   * does not say: the file system decides by who the caller is.
   */
  public boolean mayKillSetid;
}
