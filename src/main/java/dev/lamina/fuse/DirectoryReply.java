package dev.lamina.fuse;

/** Takes a directory's entries, as many as fit into the answer to READDIR. */
public interface DirectoryReply {
  /**
   * Adds an entry.
   *
   * @param names the array that holds the name
   * @param ino the number stat shows for it, never 0
   * @param type its {@code S_IF} type
   * @param nextOffset where a later READDIR goes on after this entry
   * @return false when it does not fit: it was not added, and no more are taken
   */
  boolean add(byte[] names, int nameOffset, int nameLength, long ino, int type, long nextOffset);
}
