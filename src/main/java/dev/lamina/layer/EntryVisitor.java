package dev.lamina.layer;

import dev.lamina.sys.ErrnoException;

/** Takes a directory's entries one by one. */
public interface EntryVisitor {
  /**
   * @param name holds the name in its first {@code length} bytes; used again for the next entry
   * @param ino inode number on the layer
   * @param type {@code S_IF} type, 0 where the layer does not tell
   * @return false to stop
   * @throws ErrnoException ends the listing
   */
  boolean entry(byte[] name, int length, long ino, int type) throws ErrnoException;
}
