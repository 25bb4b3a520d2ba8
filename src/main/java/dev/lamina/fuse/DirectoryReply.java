package dev.lamina.fuse;

/** Takes the entries of a directory, as many as fit into the answer to READDIR. */
public interface DirectoryReply {
  /**
   * Adds an entry.
   *
   * @param names the array that holds the name
   * @param ino the inode number that stat(2) shows for the entry, never 0
   * @param type the entry's {@code S_IF} type
   * @param nextOffset the offset at which a later READDIR continues after this entry
   * @return false when the entry does not fit: it was not added, and no further entries are taken
   */
  boolean add(byte[] names, int nameOffset, int nameLength, long ino, int type, long nextOffset);
}
