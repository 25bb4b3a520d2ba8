package dev.lamina.union;

import dev.lamina.fuse.RequestContext;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
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
    Linux.setfsgid(context.gid);
    Linux.setfsuid(context.uid);
    try {
      // The calls never fail; what they set, an impossible value tells (setfsuid(2)).
      if (Linux.setfsuid(-1) != context.uid || Linux.setfsgid(-1) != context.gid) {
        return -Errno.EOVERFLOW;
      }
      return call.getAsInt();
    } finally {
      Linux.setfsuid(0);
      Linux.setfsgid(0);
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
