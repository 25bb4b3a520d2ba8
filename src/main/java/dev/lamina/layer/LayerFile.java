package dev.lamina.layer;

/** An open regular file of a layer. */
public interface LayerFile extends AutoCloseable {
  /**
   * Reads into native memory.
   *
   * @return the number of bytes read, fewer than {@code size} only at the end of the file, or the
   *     negative errno
   */
  int read(long address, int size, long offset);

  /** Returns a descriptor of the file, which this object still owns; -1 if there is none. */
  int backingFd();

  @Override
  void close();
}
