package dev.lamina.fuse.libfuse;

import jnr.ffi.annotations.Delegate;

/**
 * The types of Java functions that C can call, by number of arguments.
 *
 * <p>All arguments are long. jnr-fuse's own callbacks take paths as String, decoded with the JVM's
 * default charset, which corrupts every name that is not valid in it (with UTF-8, a byte 0xff comes
 * back as EF BF BD; -Dfile.encoding=ISO-8859-1 would avoid that, but every start of the JVM would
 * need it). An address loses nothing, and needs no Pointer object. Narrower C arguments arrive in
 * the lower bits, and are cast where they are used: the bits above are undefined.
 */
final class NativeCallback {
  private NativeCallback() {}

  /**
   * A function with one argument. These interfaces are public because classes that jnr-ffi
   * generates use them.
   */
  public interface One {
    @Delegate
    int call(long a);
  }

  public interface Two {
    @Delegate
    int call(long a, long b);
  }

  public interface Three {
    @Delegate
    int call(long a, long b, long c);
  }

  public interface Four {
    @Delegate
    int call(long a, long b, long c, long d);
  }

  public interface Five {
    @Delegate
    int call(long a, long b, long c, long d, long e);
  }
}
