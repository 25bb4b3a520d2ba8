package dev.lamina.fuse.libfuse;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Type;
import dev.lamina.fuse.DirectoryReply;
import dev.lamina.sys.Memory;
import java.nio.ByteBuffer;

/**
 * Passes entries to the function that libfuse provides for a READDIR. The function is called by
 * address: jnr-fuse's FuseFillDir would allocate objects for the function and for every argument.
 */
final class DirectoryFiller implements DirectoryReply {
  private static final Invoker INVOKER = Invoker.getInstance();
  private static final CallContext SIGNATURE =
      CallContext.getCallContext(
          Type.SINT32,
          new Type[] {Type.POINTER, Type.POINTER, Type.POINTER, Type.SINT64},
          CallingConvention.DEFAULT,
          false);

  private final ByteBuffer memory =
      ByteBuffer.allocateDirect(StatLayout.SIZE + PathWalker.NAME_MAX + 1);
  private final long stat = Memory.address(memory);
  private final long name = stat + StatLayout.SIZE;
  private long function;
  private long buffer;

  /** Starts the answer to a READDIR. */
  void start(long function, long buffer) {
    this.function = function;
    this.buffer = buffer;
  }

  @Override
  public boolean add(
      byte[] names, int nameOffset, int nameLength, long ino, int type, long nextOffset) {
    if (nameLength > PathWalker.NAME_MAX) {
      throw new IllegalArgumentException(
          "the name of a directory entry has " + nameLength + " bytes");
    }
    Memory.putBytes(name, names, nameOffset, nameLength);
    Memory.putByte(name + nameLength, (byte) 0);
    StatLayout.writeIdentity(stat, ino, type);
    return (int) INVOKER.invokeN4(SIGNATURE, function, buffer, name, stat, nextOffset) == 0;
  }
}
