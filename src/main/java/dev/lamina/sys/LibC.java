package dev.lamina.sys;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;

/**
 * The one function Lamina needs of the C library: syscall(2). Two shapes, because up to six
 * arguments jnr-ffi calls without building an argument buffer, and nearly every call fits in them.
 */
final class LibC {
  /** The binding; jnr-ffi needs it public. */
  public interface Binding {
    long syscall(long number, long a, long b, long c, long d, long e);
  }

  /** The same function with one more argument; jnr-ffi cannot overload in one interface. */
  public interface WideBinding {
    long syscall(long number, long a, long b, long c, long d, long e, long f);
  }

  private static final Binding BINDING = LibraryLoader.create(Binding.class).load("c");
  private static final WideBinding WIDE = LibraryLoader.create(WideBinding.class).load("c");
  private static final Runtime RUNTIME = Runtime.getRuntime(BINDING);

  private LibC() {}

  /** Makes the call; the result, or the negative errno. */
  static long call(int number, long a, long b, long c, long d, long e) {
    long result = BINDING.syscall(number, a, b, c, d, e);
    return result == -1 ? -RUNTIME.getLastError() : result;
  }

  /** The same with the sixth argument that a few calls have. */
  static long call(int number, long a, long b, long c, long d, long e, long f) {
    long result = WIDE.syscall(number, a, b, c, d, e, f);
    return result == -1 ? -RUNTIME.getLastError() : result;
  }
}
