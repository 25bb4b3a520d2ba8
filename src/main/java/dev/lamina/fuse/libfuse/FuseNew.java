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
 * The function fuse_new() of libfuse, in the version of its interface that is spoken here.
 *
 * <p>The library has it four times over: for programs linked against versions 2.6, 2.5, 2.2 and
 * older. The oldest has no version name, and that is the one that dlsym(3), hence jnr-ffi, finds;
 * it takes other arguments. Of the functions in {@link Libfuse} no other is like that.
 */
final class FuseNew {
  private static final String LIBRARY = "libfuse.so.2";
  private static final String VERSION = "FUSE_2.6";
  private static final String NAME = "fuse_new";
  private static final int RTLD_LAZY = 1;

  /** Held, because the symbols are gone with the library objects. */
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
      throw new UnsatisfiedLinkError(LIBRARY + " has no " + NAME + "@" + VERSION);
    }
  }

  /**
   * Makes the high-level library's object.
   *
   * @return its address, or 0 with the reason on standard error
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
