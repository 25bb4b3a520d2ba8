package dev.lamina.sys;

import com.kenai.jffi.MemoryIO;

/**
 * A block of native memory with one owner, who closes it. Its bytes are not cleared, so that of a
 * large block only what is used takes memory.
 */
public final class NativeMemory implements AutoCloseable {
  private static final MemoryIO IO = MemoryIO.getInstance();

  /**
   * Bytes from which a block is a mapping of its own, which goes back to the system when it is
   * closed. The C library does so from a size on that it raises with each such block that is freed,
   * and then keeps megabytes for each thread there ever was.
   */
  private static final long MAPPED = 256 << 10;

  private final long size;
  private long address;

  /**
   * @param size in bytes
   * @throws OutOfMemoryError when there is none
   */
  public NativeMemory(long size) {
    this.size = size;
    address = size < MAPPED ? IO.allocateMemory(size, false) : Mapping.anonymous(size);
    if (address <= 0) {
      throw new OutOfMemoryError("no " + size + " bytes of native memory");
    }
  }

  /** Of the first byte; valid until {@link #close}. */
  public long address() {
    return address;
  }

  /** The bytes are not needed any more; a large block takes no memory until it is used again. */
  public void discard() {
    if (size >= MAPPED) {
      Mapping.discard(address, size);
    }
  }

  /** The same for the bytes from an offset on, as far as they are whole pages. */
  public void discardFrom(long offset) {
    long page = Memory.pageSize();
    long start = (offset + page - 1) / page * page;
    if (size >= MAPPED && start < size) {
      Mapping.discard(address + start, size - start);
    }
  }

  /** Gives free memory of the C library's back to the system (malloc_trim(3)), where it can. */
  public static void trim() {
    LibC.trim();
  }

  @Override
  public void close() {
    if (address == 0) {
      return;
    }
    if (size < MAPPED) {
      IO.freeMemory(address);
    } else {
      Mapping.unmap(address, size);
    }
    address = 0;
  }
}
