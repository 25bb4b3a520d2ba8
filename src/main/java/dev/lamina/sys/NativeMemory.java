package dev.lamina.sys;

import com.kenai.jffi.MemoryIO;

/**
 * A block of native memory with one owner, who closes it. Its bytes are not cleared, so that of a
 * large block only what is used takes memory.
 */
public final class NativeMemory implements AutoCloseable {
  private static final MemoryIO IO = MemoryIO.getInstance();

  private long address;

  /**
   * @throws OutOfMemoryError when there is none
   */
  public NativeMemory(long size) {
    address = IO.allocateMemory(size, false);
    if (address == 0) {
      throw new OutOfMemoryError("no " + size + " bytes of native memory");
    }
  }

  /** Of the first byte; valid until {@link #close}. */
  public long address() {
    return address;
  }

  @Override
  public void close() {
    if (address != 0) {
      IO.freeMemory(address);
      address = 0;
    }
  }
}
