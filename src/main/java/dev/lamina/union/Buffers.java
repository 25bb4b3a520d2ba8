package dev.lamina.union;

import dev.lamina.sys.Memory;
import dev.lamina.sys.Xattrs;
import java.nio.ByteBuffer;

/** A thread's native memory for one list of attributes, link target or attribute value each. */
final class Buffers {
  /**
   * Longest list of attribute names, XATTR_LIST_MAX of limits.h, which is also the longest value.
   */
  static final int SIZE = Xattrs.XATTR_SIZE_MAX;

  private static final ThreadLocal<Buffers> OF_THREAD = ThreadLocal.withInitial(Buffers::new);

  private final ByteBuffer list = ByteBuffer.allocateDirect(SIZE);
  private final ByteBuffer value = ByteBuffer.allocateDirect(SIZE);

  private Buffers() {}

  static Buffers ofThread() {
    return OF_THREAD.get();
  }

  /** Address of {@link #SIZE} bytes; valid as long as the thread lives. */
  long list() {
    return Memory.address(list);
  }

  /** Address of {@link #SIZE} bytes; valid as long as the thread lives. */
  long value() {
    return Memory.address(value);
  }
}
