package dev.lamina.sys;

/** Mappings of memory with mmap(2). */
final class Mapping {
  private static final int PROT_READ = 1;
  private static final int PROT_WRITE = 2;
  private static final int MAP_SHARED = 1;
  private static final int MAP_PRIVATE = 2;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final int MAP_POPULATE = 0x8000;
  private static final int MADV_DONTNEED = 4;

  private Mapping() {}

  /**
   * Maps the file of a descriptor for reading and writing; returns the address or the negative
   * errno.
   */
  static long shared(int fd, long offset, long size) {
    int access = PROT_READ | PROT_WRITE;
    return LibC.call(SystemCall.MMAP, 0, size, access, MAP_SHARED | MAP_POPULATE, fd, offset);
  }

  /** Maps anonymous memory, which is zero; returns the address or the negative errno. */
  static long anonymous(long size) {
    int access = PROT_READ | PROT_WRITE;
    return LibC.call(SystemCall.MMAP, 0, size, access, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  }

  /** Releases the pages of anonymous memory, which is then zero again. */
  static void discard(long address, long size) {
    LibC.call(SystemCall.MADVISE, address, size, MADV_DONTNEED, 0, 0);
  }

  static void unmap(long address, long size) {
    LibC.call(SystemCall.MUNMAP, address, size, 0, 0, 0);
  }
}
