package dev.lamina.sys;

import java.nio.ByteBuffer;

/**
 * Reads the entries of a directory with getdents64(2), except {@code .} and {@code ..}.
 *
 * <pre>
 * while ((result = reader.next()) > 0) {
 *   use(reader.name(), reader.ino(), reader.type());
 * }
 * </pre>
 *
 * The layout is that of the kernel's {@code struct linux_dirent64}, which is the same on every
 * architecture. An object belongs to one thread and can read one directory after another.
 */
public final class DirectoryReader {
  private static final int BUFFER_SIZE = 64 * 1024;
  private static final int INO = 0;
  private static final int RECLEN = 16;
  private static final int TYPE = 18;
  private static final int NAME = 19;

  private static final ThreadLocal<DirectoryReader> OF_THREAD =
      ThreadLocal.withInitial(DirectoryReader::new);

  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_SIZE);
  private final long base = Memory.address(buffer);
  private int fd = -1;
  private int filled;
  private int next;
  private long entry;

  /** Returns the calling thread's reader, which reads one directory at a time. */
  public static DirectoryReader ofThread() {
    return OF_THREAD.get();
  }

  /**
   * Starts to read a directory at the current position of its descriptor.
   *
   * @param directoryFd a descriptor open for reading, which the caller closes
   */
  public void start(int directoryFd) {
    fd = directoryFd;
    filled = 0;
    next = 0;
  }

  /** Moves to the next entry; returns 1, or 0 at the end, or the negative errno. */
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

  /** Returns the inode number of the current entry. */
  public long ino() {
    return Memory.getLong(entry + INO);
  }

  /** Returns the {@code S_IF} type of the current entry; 0 if the file system does not tell. */
  public int type() {
    return Mode.fromDirentType(Memory.getByte(entry + TYPE));
  }

  /** Returns the length of the current entry's name. */
  public int nameLength() {
    long start = entry + NAME;
    long at = start;
    while (Memory.getByte(at) != 0) {
      at++;
    }
    return (int) (at - start);
  }

  /** Copies the current entry's name to the beginning of {@code target}, and returns its length. */
  public int name(byte[] target) {
    int length = nameLength();
    Memory.getBytes(entry + NAME, target, 0, length);
    return length;
  }

  /** Returns a copy of the current entry's name. */
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
