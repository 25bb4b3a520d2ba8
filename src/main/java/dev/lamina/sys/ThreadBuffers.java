package dev.lamina.sys;

import java.nio.ByteBuffer;

/**
 * A thread's native memory: room for one list of attribute names, and for one attribute value or
 * link target.
 */
public final class ThreadBuffers {
  /** The longest list of attribute names (XATTR_LIST_MAX of limits.h) and the longest value. */
  public static final int SIZE = Xattrs.XATTR_SIZE_MAX;

  private static final ThreadLocal<ThreadBuffers> OF_THREAD =
      ThreadLocal.withInitial(ThreadBuffers::new);

  private final ByteBuffer list = ByteBuffer.allocateDirect(SIZE);
  private final ByteBuffer value = ByteBuffer.allocateDirect(SIZE);

  private ThreadBuffers() {}

  public static ThreadBuffers ofThread() {
    return OF_THREAD.get();
  }

  /** Returns the address of {@link #SIZE} bytes, valid for as long as the thread lives. */
  public long list() {
    return Memory.address(list);
  }

  /** Returns the address of {@link #SIZE} more bytes, valid for as long as the thread lives. */
  public long value() {
    return Memory.address(value);
  }
}
