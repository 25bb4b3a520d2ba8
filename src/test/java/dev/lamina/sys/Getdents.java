package dev.lamina.sys;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything that getdents64(2) returns, including {@code .} and {@code ..}, which {@link
 * DirectoryReader} leaves out.
 *
 * @param entries the entries in the order of the listing
 * @param calls the number of calls, including the last one, which is empty
 */
public record Getdents(List<Entry> entries, int calls) {
  /**
   * One {@code struct linux_dirent64}.
   *
   * @param name the bytes of the name as ISO-8859-1
   * @param type an {@code S_IF} type, 0 for DT_UNKNOWN
   */
  public record Entry(String name, long ino, int type) {}

  /** Reads a directory from the current position of its descriptor to the end. */
  public static Getdents readAll(int fd) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(32768);
    long base = Memory.address(buffer);
    List<Entry> entries = new ArrayList<>();
    for (int calls = 1; ; calls++) {
      int filled = Linux.getdents64(fd, base, buffer.capacity());
      if (filled < 0) {
        throw new AssertionError("getdents64: " + Errno.name(-filled));
      }
      if (filled == 0) {
        return new Getdents(entries, calls);
      }
      for (long entry = base; entry < base + filled; entry += Memory.getShort(entry + 16)) {
        entries.add(
            new Entry(
                new String(Memory.getCString(entry + 19), StandardCharsets.ISO_8859_1),
                Memory.getLong(entry),
                Mode.fromDirentType(Memory.getByte(entry + 18))));
      }
    }
  }
}
