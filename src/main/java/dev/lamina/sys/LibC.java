package dev.lamina.sys;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.HeapInvocationBuffer;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;
import java.util.Arrays;

/**
 * The functions of the C library that Lamina needs: syscall(2), and malloc_trim(3) if the library
 * has it. Both are called through jffi, the library that jnr-ffi is built on.
 *
 * <p>jnr-ffi itself cannot call syscall(2): for a function with six integer arguments its x86-64
 * stub passes the return address as the last one (seen in 2.3.0), and more arguments need a buffer
 * for each call. According to measurements, {@code invokeN6} is as fast as such a stub. It needs no
 * class generated at start-up, which halves the time to the first system call.
 */
final class LibC {
  private static final Invoker INVOKER = Invoker.getInstance();
  private static final LastError ERRNO = LastError.getInstance();

  /** The reference keeps the library loaded, whose symbols are used. */
  private static final Library LIBRARY = Library.openLibrary(null, Library.LAZY | Library.GLOBAL);

  private static final long SYSCALL = LIBRARY.getSymbolAddress("syscall");
  private static final long TRIM = LIBRARY.getSymbolAddress("malloc_trim");
  private static final CallContext NARROW = longs(6);
  private static final CallContext WIDE = longs(7);

  /** The hook for fault injection; null except in tests. */
  private static final Faults.Hook FAULTS = Faults.chosen();

  private LibC() {}

  /** Makes a system call and returns its result, or the negative errno. */
  static long call(int number, long a, long b, long c, long d, long e) {
    long fault = FAULTS == null ? 0 : FAULTS.before(number, c);
    if (fault != 0) {
      return fault;
    }
    long result = INVOKER.invokeN6(NARROW, SYSCALL, number, a, b, c, d, e);
    return result == -1 ? -ERRNO.get() : result;
  }

  /** Does the same with a sixth argument, which a few calls have. */
  static long call(int number, long a, long b, long c, long d, long e, long f) {
    long fault = FAULTS == null ? 0 : FAULTS.before(number, c);
    if (fault != 0) {
      return fault;
    }
    HeapInvocationBuffer arguments = new HeapInvocationBuffer(WIDE);
    for (long argument : new long[] {number, a, b, c, d, e, f}) {
      arguments.putLong(argument);
    }
    long result = INVOKER.invokeLong(WIDE, SYSCALL, arguments);
    return result == -1 ? -ERRNO.get() : result;
  }

  /**
   * Gives free memory back to the system; does nothing if the library has no such function (musl).
   */
  static void trim() {
    if (TRIM != 0) {
      INVOKER.invokeN1(longs(1), TRIM, 0);
    }
  }

  /**
   * Returns the signature of a function with {@code count} longs that returns a long and sets
   * errno.
   */
  private static CallContext longs(int count) {
    Type[] arguments = new Type[count];
    Arrays.fill(arguments, Type.SINT64);
    return CallContext.getCallContext(Type.SINT64, arguments, CallingConvention.DEFAULT, true);
  }
}
