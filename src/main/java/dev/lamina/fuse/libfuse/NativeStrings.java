package dev.lamina.fuse.libfuse;

import dev.lamina.sys.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * C strings in native memory, and libfuse's {@code struct fuse_args} that refers to them. The
 * memory is valid while the object is reachable.
 */
final class NativeStrings {
  /**
   * The offset of {@code argv} in {@code struct fuse_args}, which holds int argc, char **argv and
   * int allocated.
   */
  private static final int ARGV = 8;

  private static final int ARGS_SIZE = 24;

  private final ByteBuffer memory;
  private final int count;

  NativeStrings(byte[]... strings) {
    count = strings.length;
    int pointers = ARGS_SIZE;
    int text = pointers + (count + 1) * Long.BYTES;
    int size = text;
    for (byte[] string : strings) {
      size += string.length + 1;
    }
    memory = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
    memory.putInt(0, count);
    memory.putLong(ARGV, Memory.address(memory) + pointers);
    for (int i = 0; i < count; i++) {
      memory.putLong(pointers + i * Long.BYTES, Memory.address(memory) + text);
      memory.put(text, strings[i]);
      text += strings[i].length + 1;
    }
  }

  /** Returns the address of string {@code index}. */
  long string(int index) {
    return memory.getLong(ARGS_SIZE + index * Long.BYTES);
  }

  /**
   * Returns the address of a {@code struct fuse_args} with all strings. libfuse removes the options
   * that it handles, and puts the others into memory of its own that fuse_opt_free_args frees.
   */
  long arguments() {
    return Memory.address(memory);
  }
}
