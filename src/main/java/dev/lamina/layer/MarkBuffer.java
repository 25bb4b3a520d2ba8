package dev.lamina.layer;

import dev.lamina.sys.Memory;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/** A thread's native memory for reading a mark: a redirect is as long as a path at most. */
final class MarkBuffer {
  private static final int SIZE = 4096 + 64;
  private static final ThreadLocal<ByteBuffer> BUFFER =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(SIZE));

  private MarkBuffer() {}

  /** An attribute's value; null where there is none or it cannot be read. */
  static byte[] read(LayerDirectory directory, byte[] entry, byte[] attribute) {
    ByteBuffer buffer = BUFFER.get();
    long address = Memory.address(buffer);
    int length = directory.getxattr(entry, attribute, address, SIZE);
    byte[] value = null;
    if (length >= 0) {
      value = new byte[length];
      Memory.getBytes(address, value, 0, length);
    }
    Reference.reachabilityFence(buffer);
    return value;
  }

  /** True when the object has extended attributes at all: one call instead of one for each mark. */
  static boolean hasAttributes(LayerDirectory directory, byte[] entry) {
    return directory.listxattr(entry, 0, 0) > 0;
  }
}
