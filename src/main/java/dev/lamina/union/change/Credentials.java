package dev.lamina.union.change;

import dev.lamina.fuse.RequestContext;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ProcessCalls;
import java.util.function.IntSupplier;

/**
 * Makes system calls as the user of a request, so that the upper's file system gives new objects
 * their owner and group, including the group of a setgid directory, in the same step.
 */
final class Credentials {
  private static final ThreadLocal<Boolean> KEEPS_CAPABILITIES =
      ThreadLocal.withInitial(Credentials::keepCapabilities);

  private Credentials() {}

  /** Makes a system call with the file system uid and gid of the request; returns its result. */
  static int as(RequestContext context, IntSupplier call) {
    if (context.uid == 0 && context.gid == 0) {
      return call.getAsInt();
    }
    KEEPS_CAPABILITIES.get();
    ProcessCalls.setfsgid(context.gid);
    ProcessCalls.setfsuid(context.uid);
    try {
      // The calls do not report failures. Setting an impossible value returns the current one
      // (setfsuid(2)).
      if (ProcessCalls.setfsuid(-1) != context.uid || ProcessCalls.setfsgid(-1) != context.gid) {
        return -Errno.EOVERFLOW;
      }
      return call.getAsInt();
    } finally {
      ProcessCalls.setfsuid(0);
      ProcessCalls.setfsgid(0);
    }
  }

  /**
   * Lets the thread keep its capabilities. The kernel has checked the caller's permissions already
   * ({@code default_permissions}), including those that come from capabilities, and they must not
   * be checked again without these. If this is not allowed, permissions are checked twice, and a
   * caller with capabilities may be refused.
   */
  private static boolean keepCapabilities() {
    int bits = ProcessCalls.securebits();
    return bits >= 0 && ProcessCalls.setSecurebits(bits | ProcessCalls.SECBIT_NO_SETUID_FIXUP) == 0;
  }
}
