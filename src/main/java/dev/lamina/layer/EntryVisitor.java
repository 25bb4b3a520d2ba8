package dev.lamina.layer;

import dev.lamina.sys.ErrnoException;

/** Receives the entries of a directory one by one. */
public interface EntryVisitor {
  /**
   * Receives an entry.
   *
   * @param name holds the name in its first {@code length} bytes; the array is reused for the next
   *     entry
   * @param ino the inode number on the layer
   * @param type the {@code S_IF} type, 0 if the layer does not tell
   * @return false to stop
   * @throws ErrnoException to end the listing with an error
   */
  boolean entry(byte[] name, int length, long ino, int type) throws ErrnoException;
}
