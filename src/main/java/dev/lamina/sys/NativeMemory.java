package dev.lamina.sys;

import com.kenai.jffi.MemoryIO;

/**
 * A block of native memory with one owner, which closes it. The bytes are not cleared, so that only
 * the used pages of a large block take memory.
 */
public final class NativeMemory implements AutoCloseable {
  private static final MemoryIO IO = MemoryIO.getInstance();

  /**
   * The size in bytes from which a block is a mapping of its own, which is returned to the system
   * when it is closed. The C library does the same, but raises its threshold with each such block
   * that is freed, and then keeps megabytes for each thread that has ever run.
   */
  private static final long MAPPED = 256 << 10;

  private final long size;
  private long address;

  /**
   * @param size the size in bytes
   * @throws OutOfMemoryError if the memory cannot be allocated
   */
  public NativeMemory(long size) {
    this.size = size;
    address = size < MAPPED ? IO.allocateMemory(size, false) : Mapping.anonymous(size);
    if (address <= 0) {
      throw new OutOfMemoryError("cannot allocate " + size + " bytes of native memory");
    }
  }

  /** Returns the address of the first byte, which is valid until {@link #close}. */
  public long address() {
    return address;
  }

  /** Discards the contents: a large block takes no memory until it is used again. */
  public void discard() {
    if (size >= MAPPED) {
      Mapping.discard(address, size);
    }
  }

  /** Does the same for the whole pages from an offset on. */
  public void discardFrom(long offset) {
    long page = Memory.pageSize();
    long start = (offset + page - 1) / page * page;
    if (size >= MAPPED && start < size) {
      Mapping.discard(address + start, size - start);
    }
  }

  /**
   * Gives free memory of the C library back to the system with malloc_trim(3), if the library has
   * it.
   */
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
