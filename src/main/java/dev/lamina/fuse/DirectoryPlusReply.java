package dev.lamina.fuse;

/** Takes the entries of a directory with their attributes, as the answer to READDIRPLUS. */
public interface DirectoryPlusReply extends DirectoryReply {
  /**
   * Returns whether an entry with attributes and a name of {@code nameLength} bytes fits. The file
   * system asks before it counts the lookup: an entry that does not fit must not be counted.
   */
  boolean hasRoom(int nameLength);

  /**
   * Adds an entry with attributes, for which there must be room. See {@link #add} for the other
   * parameters.
   *
   * @param entry the entry's object, for which a lookup was counted; null if it was not looked up,
   *     as {@code .} and {@code ..} never are
   */
  void addPlus(
      byte[] names,
      int nameOffset,
      int nameLength,
      long ino,
      int type,
      long nextOffset,
      EntryReply entry);
}
