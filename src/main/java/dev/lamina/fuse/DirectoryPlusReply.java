package dev.lamina.fuse;

/** Takes a directory's entries with their attributes, as the answer to READDIRPLUS. */
public interface DirectoryPlusReply extends DirectoryReply {
  /**
   * Whether an entry with attributes and a name of so many bytes fits. Asked before its lookup is
   * counted: an entry that did not fit must not count as one.
   */
  boolean hasRoom(int nameLength);

  /**
   * Adds an entry for which there is room; otherwise as {@link #add}.
   *
   * @param entry its object, for which a lookup was counted; null where it was not looked up, as
   *     {@code .} and {@code ..} never are
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
