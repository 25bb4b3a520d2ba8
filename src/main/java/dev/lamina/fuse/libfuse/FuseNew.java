package dev.lamina.fuse.libfuse;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The function fuse_new() of libfuse, in the version of its interface that this transport uses.
 *
 * <p>The library has four versions of it, for programs linked against versions 2.6, 2.5, 2.2 and
 * older ones. The oldest has no version name, takes other arguments, and is the one that dlsym(3),
 * and therefore jnr-ffi, finds. No other function in {@link Libfuse} has several versions.
 */
final class FuseNew {
  private static final String LIBRARY = "libfuse.so.2";
  private static final String VERSION = "FUSE_2.6";
  private static final String NAME = "fuse_new";
  private static final int RTLD_LAZY = 1;

  /** The reference keeps the library loaded, whose symbols are used. */
  private final Library c = Library.openLibrary(null, Library.LAZY | Library.GLOBAL);

  private final long address;

  FuseNew() {
    NativeStrings strings = new NativeStrings(bytes(LIBRARY), bytes(NAME), bytes(VERSION));
    Invoker invoker = Invoker.getInstance();
    long handle =
        invoker.invokeN2(signature(2), c.getSymbolAddress("dlopen"), strings.string(0), RTLD_LAZY);
    address =
        invoker.invokeN3(
            signature(3),
            c.getSymbolAddress("dlvsym"),
            handle,
            strings.string(1),
            strings.string(2));
    Reference.reachabilityFence(strings);
    if (address == 0) {
      throw new UnsatisfiedLinkError(
          LIBRARY + " does not have the function " + NAME + "@" + VERSION);
    }
  }

  /**
   * Creates the object of the high-level interface.
   *
   * @return the address of the object, or 0 after libfuse has written the reason to standard error
   */
  long call(long channel, long arguments, long operations, long operationsSize) {
    return Invoker.getInstance()
        .invokeN5(signature(5), address, channel, arguments, operations, operationsSize, 0);
  }

  private static CallContext signature(int arguments) {
    Type[] types = new Type[arguments];
    Arrays.fill(types, Type.SINT64);
    return CallContext.getCallContext(Type.SINT64, types, CallingConvention.DEFAULT, false);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
