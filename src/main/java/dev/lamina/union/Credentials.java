package dev.lamina.union;

import dev.lamina.fuse.RequestContext;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ProcessCalls;
import dev.lamina.sys.Securebits;
import java.util.function.IntSupplier;

/**
 * Makes objects as the user who asks for them, so that the upper's file system gives them owner and
 * group, with what a setgid directory passes on, in the same step.
 */
final class Credentials {
  private static final ThreadLocal<Boolean> KEEPS_CAPABILITIES =
      ThreadLocal.withInitial(Credentials::keepCapabilities);

  private Credentials() {}

  /** Runs one system call with the caller's file system uid and gid; its result. */
  static int as(RequestContext context, IntSupplier call) {
    if (context.uid == 0 && context.gid == 0) {
      return call.getAsInt();
    }
    KEEPS_CAPABILITIES.get();
    ProcessCalls.setfsgid(context.gid);
    ProcessCalls.setfsuid(context.uid);
    try {
      // The calls never fail; what they set, an impossible value tells (setfsuid(2)).
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
   * The kernel has checked the caller's rights already ({@code default_permissions}), also those
   * that a capability gives: they must not be checked again with less. Where this is not allowed,
   * rights are checked twice, and a caller with capabilities may be refused.
   */
  private static boolean keepCapabilities() {
    int bits = Securebits.get();
    return bits >= 0 && Securebits.set(bits | Securebits.SECBIT_NO_SETUID_FIXUP) == 0;
  }
}
