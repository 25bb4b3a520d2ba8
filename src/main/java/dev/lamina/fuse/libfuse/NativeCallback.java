package dev.lamina.fuse.libfuse;

import jnr.ffi.annotations.Delegate;

/**
 * Java functions that C can call, by number of arguments.
 *
 * <p>All arguments are long. jnr-fuse's own callbacks take paths as String, decoded with the JVM's
 * default charset, which loses every name that is not valid in it (with UTF-8, a byte 0xff comes
 * back as EF BF BD; -Dfile.encoding=ISO-8859-1 repairs that, but only where whoever starts the JVM
 * knows of it). An address loses nothing, and no Pointer object is made for it either. Narrower C
 * arguments arrive in the lower bits and are cast where they are used: what stands above them is
 * undefined.
 */
final class NativeCallback {
  private NativeCallback() {}

  /** The interfaces are public for the sake of the classes that jnr-ffi generates. */
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
