package dev.lamina.differential;

import dev.lamina.sys.ProcessCalls;

/**
 * As whom, and with which umask, the calling thread makes its operations. Both belong to the thread
 * (which has an umask of its own), so both sides share one identity.
 *
 * <p>With a file system uid other than 0 the kernel takes away the capabilities that concern files,
 * so permissions are checked as for an ordinary user.
 */
final class Identity {
  private static final int DEFAULT_UMASK = 022;

  private int uid;
  private int gid;
  private int umask = DEFAULT_UMASK;

  Identity() {
    apply(uid, gid, umask);
  }

  void become(int newUid, int newGid) {
    uid = newUid;
    gid = newGid;
    apply(uid, gid, umask);
  }

  void umask(int newUmask) {
    umask = newUmask;
    apply(uid, gid, umask);
  }

  /** Does something as root with the usual umask: what the harness does for itself. */
  void asRoot(Runnable work) {
    apply(0, 0, DEFAULT_UMASK);
    try {
      work.run();
    } finally {
      apply(uid, gid, umask);
    }
  }

  private static void apply(int uid, int gid, int umask) {
    ProcessCalls.umask(umask);
    ProcessCalls.setfsgid(gid);
    ProcessCalls.setfsuid(uid);
    // The only way to see whether it was allowed: set an impossible value, get the one in force.
    if (ProcessCalls.setfsuid(-1) != uid || ProcessCalls.setfsgid(-1) != gid) {
      throw new AssertionError("cannot act as " + uid + ":" + gid);
    }
  }
}
