package dev.lamina.sys;

import java.nio.ByteBuffer;

/**
 * A thread's native memory for the arguments of one system call: two names, a path below
 * /proc/self/fd and a structure. Its contents are valid until the next call.
 *
 * <p>The memory belongs to a direct buffer, so it is freed with its thread: transports end threads.
 */
final class Scratch {
  /**
   * The size of the longest string that the kernel accepts, with its NUL (PATH_MAX of limits.h).
   */
  static final int STRING_SIZE = 4096;

  /** The memory for a structure in bytes, more than any structure needs. */
  static final int STRUCT_SIZE = 512;

  private static final int PATH_PREFIX = 64;

  private static final ThreadLocal<Scratch> CURRENT = ThreadLocal.withInitial(Scratch::new);
  private static final byte[] PROC_SELF_FD = {
    '/', 'p', 'r', 'o', 'c', '/', 's', 'e', 'l', 'f', '/', 'f', 'd', '/'
  };

  final ByteBuffer memory = ByteBuffer.allocateDirect(STRUCT_SIZE + 3 * STRING_SIZE + PATH_PREFIX);
  private final long base = Memory.address(memory);

  private Scratch() {}

  static Scratch get() {
    return CURRENT.get();
  }

  /** Returns the address of {@link #STRUCT_SIZE} bytes for a structure. */
  long struct() {
    return base;
  }

  /**
   * Copies a string for the call's first path argument and returns its address; 0 if it is too long
   * for any call.
   */
  long first(byte[] string) {
    return put(base + STRUCT_SIZE, string);
  }

  /**
   * Copies a string for the call's second path argument and returns its address; 0 if it is too
   * long for any call.
   */
  long second(byte[] string) {
    return put(base + STRUCT_SIZE + STRING_SIZE, string);
  }

  /**
   * Writes {@code /proc/self/fd/FD} or, if the name is not empty, {@code /proc/self/fd/FD/NAME},
   * and returns its address; 0 if the name is too long. A number that is not an open descriptor,
   * such as a negative one, makes a path that does not exist.
   */
  long procPath(int fd, byte[] name) {
    long start = base + STRUCT_SIZE + 2 * STRING_SIZE;
    long at = start;
    Memory.putBytes(at, PROC_SELF_FD, 0, PROC_SELF_FD.length);
    at += PROC_SELF_FD.length;
    int number = fd;
    if (fd < 0) {
      Memory.putByte(at++, (byte) '-');
      number = 1;
    }
    int divisor = 1;
    while (number / divisor >= 10) {
      divisor *= 10;
    }
    for (; divisor > 0; divisor /= 10) {
      Memory.putByte(at++, (byte) ('0' + number / divisor % 10));
    }
    if (name.length > 0) {
      Memory.putByte(at++, (byte) '/');
    }
    return put(at, name) == 0 ? 0 : start;
  }

  private static long put(long address, byte[] string) {
    if (string.length >= STRING_SIZE) {
      return 0;
    }
    Memory.putBytes(address, string, 0, string.length);
    Memory.putByte(address + string.length, (byte) 0);
    return address;
  }
}
