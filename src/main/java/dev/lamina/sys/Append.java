package dev.lamina.sys;

/** Writes to the end of a file, wherever that is at the time of the write. */
public final class Append {
  private static final int RWF_APPEND = 0x10;

  private Append() {}

  /**
   * Calls pwritev2(2) with RWF_APPEND from native memory: finds the end and writes there in one
   * step, as if the file had been opened with O_APPEND.
   *
   * @return the number of bytes written, which may be fewer, or the negative errno
   */
  public static int write(int fd, long address, int size) {
    long iov = Scratch.get().struct();
    Iovec.write(iov, address, size);
    // The offset, which is passed in two halves on 32-bit architectures, is ignored.
    return (int) LibC.call(SystemCall.PWRITEV2, fd, iov, 1, 0, 0, RWF_APPEND);
  }
}
