package dev.lamina.layer;

/** An open regular file of a layer. */
public interface LayerFile extends AutoCloseable {
  /**
   * Reads into native memory.
   *
   * @return the bytes read, fewer than {@code size} only at the end of the file; or the negative
   *     errno
   */
  int read(long address, int size, long offset);

  /** A descriptor of the file itself, which stays this object's; -1 where there is none. */
  int backingFd();

  @Override
  void close();
}
