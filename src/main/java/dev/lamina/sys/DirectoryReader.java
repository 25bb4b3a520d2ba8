package dev.lamina.sys;

import java.nio.ByteBuffer;

/**
 * Reads a directory's entries with getdents64(2), {@code .} and {@code ..} left out.
 *
 * <pre>
 * while ((result = reader.next()) > 0) {
 *   use(reader.name(), reader.ino(), reader.type());
 * }
 * </pre>
 *
 * The layout read here is the kernel's {@code struct linux_dirent64}, the same on every
 * architecture. An object belongs to one thread and may read one directory after another.
 */
public final class DirectoryReader {
  private static final int BUFFER_SIZE = 64 * 1024;
  private static final int INO = 0;
  private static final int RECLEN = 16;
  private static final int TYPE = 18;
  private static final int NAME = 19;

  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_SIZE);
  private final long base = Memory.address(buffer);
  private int fd = -1;
  private int filled;
  private int next;
  private long entry;

  /**
   * Starts on a directory, from its descriptor's current position.
   *
   * @param directoryFd open for reading; it stays the caller's
   */
  public void start(int directoryFd) {
    fd = directoryFd;
    filled = 0;
    next = 0;
  }

  /** Moves to the next entry: 1, or 0 at the end, or the negative errno. */
  public int next() {
    while (true) {
      if (next == filled) {
        filled = Linux.getdents64(fd, base, BUFFER_SIZE);
        next = 0;
        if (filled <= 0) {
          int result = filled;
          filled = 0;
          return result;
        }
      }
      entry = base + next;
      next += Memory.getShort(entry + RECLEN);
      if (!isDotOrDotDot()) {
        return 1;
      }
    }
  }

  /** Inode number of the current entry. */
  public long ino() {
    return Memory.getLong(entry + INO);
  }

  /** The {@code S_IF} type of the current entry; 0 where the file system does not tell. */
  public int type() {
    return Mode.fromDirentType(Memory.getByte(entry + TYPE));
  }

  /** Length of the current entry's name. */
  public int nameLength() {
    long start = entry + NAME;
    long at = start;
    while (Memory.getByte(at) != 0) {
      at++;
    }
    return (int) (at - start);
  }

  /** A copy of the current entry's name. */
  public byte[] name() {
    byte[] name = new byte[nameLength()];
    Memory.getBytes(entry + NAME, name, 0, name.length);
    return name;
  }

  private boolean isDotOrDotDot() {
    if (Memory.getByte(entry + NAME) != '.') {
      return false;
    }
    byte second = Memory.getByte(entry + NAME + 1);
    return second == 0 || second == '.' && Memory.getByte(entry + NAME + 2) == 0;
  }
}
