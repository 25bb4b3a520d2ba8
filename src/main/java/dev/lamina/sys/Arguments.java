package dev.lamina.sys;

import java.nio.ByteBuffer;

/**
 * Any number of strings of any length, which are copied to native memory for a system call that is
 * rarely made.
 */
final class Arguments {
  private final ByteBuffer memory;
  private final int[] offsets;

  Arguments(byte[]... strings) {
    offsets = new int[strings.length];
    int size = 0;
    for (int i = 0; i < strings.length; i++) {
      offsets[i] = size;
      size += strings[i].length + 1;
    }
    memory = ByteBuffer.allocateDirect(size);
    for (byte[] string : strings) {
      memory.put(string).put((byte) 0);
    }
  }

  /**
   * Returns the address of string {@code index}. It is valid while this object is reachable; the
   * caller ensures that with a reachability fence after the call.
   */
  long address(int index) {
    return Memory.address(memory) + offsets[index];
  }
}
