package dev.lamina.sys;

import java.nio.ByteBuffer;

/** Strings of any number and length, copied to native memory for one rare call. */
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
   * The address of string {@code index}; valid while this object is reachable, which the caller
   * makes sure of with a reachability fence after the call.
   */
  long address(int index) {
    return Memory.address(memory) + offsets[index];
  }
}
