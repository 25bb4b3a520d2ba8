package dev.lamina.union;

import dev.lamina.sys.Memory;
import dev.lamina.sys.Xattrs;
import java.nio.ByteBuffer;

/**
 * A thread's native memory: room for one list of attribute names, and for one attribute value or
 * link target.
 */
final class Buffers {
  /** The longest list of attribute names (XATTR_LIST_MAX of limits.h) and the longest value. */
  static final int SIZE = Xattrs.XATTR_SIZE_MAX;

  private static final ThreadLocal<Buffers> OF_THREAD = ThreadLocal.withInitial(Buffers::new);

  private final ByteBuffer list = ByteBuffer.allocateDirect(SIZE);
  private final ByteBuffer value = ByteBuffer.allocateDirect(SIZE);

  private Buffers() {}

  static Buffers ofThread() {
    return OF_THREAD.get();
  }

  /** Returns the address of {@link #SIZE} bytes, valid for as long as the thread lives. */
  long list() {
    return Memory.address(list);
  }

  /** Returns the address of {@link #SIZE} more bytes, valid for as long as the thread lives. */
  long value() {
    return Memory.address(value);
  }
}
