package dev.lamina.sys;

/** Mappings of memory, with mmap(2). */
final class Mapping {
  private static final int PROT_READ = 1;
  private static final int PROT_WRITE = 2;
  private static final int MAP_SHARED = 1;
  private static final int MAP_POPULATE = 0x8000;

  private Mapping() {}

  /**
   * Maps what is behind a descriptor, to be read and written; the address or the negative errno.
   */
  static long shared(int fd, long offset, long size) {
    int access = PROT_READ | PROT_WRITE;
    return LibC.call(SystemCall.MMAP, 0, size, access, MAP_SHARED | MAP_POPULATE, fd, offset);
  }

  static void unmap(long address, long size) {
    LibC.call(SystemCall.MUNMAP, address, size, 0, 0, 0);
  }
}
