package dev.lamina.fuse.kernel;

import dev.lamina.fuse.DirectoryPlusReply;
import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.wire.Dirent;
import dev.lamina.fuse.wire.EntryOut;
import dev.lamina.sys.Memory;
import dev.lamina.sys.Mode;

/** Writes the entries of a directory as the answer to READDIR or READDIRPLUS. */
final class DirectoryFiller implements DirectoryPlusReply {
  /** The alignment of entries in bytes. */
  private static final int ALIGNMENT = 8;

  private long address;
  private int size;
  private int used;
  private BackingFiles backings;

  /** Starts an answer of at most {@code size} bytes. */
  void begin(long address, int size, BackingFiles backings) {
    this.address = address;
    this.size = size;
    this.backings = backings;
    used = 0;
  }

  /** Returns the number of bytes written. */
  int used() {
    return used;
  }

  @Override
  public boolean add(
      byte[] names, int nameOffset, int nameLength, long ino, int type, long nextOffset) {
    if (size - used < padded(Dirent.STRUCT_SIZE + nameLength)) {
      return false;
    }
    addDirent(names, nameOffset, nameLength, ino, type, nextOffset);
    return true;
  }

  @Override
  public boolean hasRoom(int nameLength) {
    return size - used >= padded(EntryOut.STRUCT_SIZE + Dirent.STRUCT_SIZE + nameLength);
  }

  @Override
  public void addPlus(
      byte[] names,
      int nameOffset,
      int nameLength,
      long ino,
      int type,
      long nextOffset,
      EntryReply entry) {
    if (entry == null) {
      Memory.clear(address + used, EntryOut.STRUCT_SIZE);
    } else {
      Replies.entry(address + used, entry, backings);
    }
    used += EntryOut.STRUCT_SIZE;
    addDirent(names, nameOffset, nameLength, ino, type, nextOffset);
  }

  private void addDirent(
      byte[] names, int nameOffset, int nameLength, long ino, int type, long nextOffset) {
    long at = address + used;
    Dirent.ino(at, ino);
    Dirent.offset(at, nextOffset);
    Dirent.nameLength(at, nameLength);
    Dirent.type(at, Mode.toDirentType(type));
    Memory.putBytes(at + Dirent.STRUCT_SIZE, names, nameOffset, nameLength);
    int length = padded(Dirent.STRUCT_SIZE + nameLength);
    Memory.clear(at + Dirent.STRUCT_SIZE + nameLength, length - Dirent.STRUCT_SIZE - nameLength);
    used += length;
  }

  private static int padded(int length) {
    return length + ALIGNMENT - 1 & -ALIGNMENT;
  }
}
