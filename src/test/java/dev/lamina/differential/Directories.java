package dev.lamina.differential;

import dev.lamina.sys.DirectoryReader;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import java.util.Comparator;
import java.util.List;

/** Reading and removing directories, in an order that does not depend on the file system. */
final class Directories {
  /** An entry as getdents64(2) gives it; {@code type} is an {@code S_IF} type. */
  record Entry(String name, long ino, int type) {}

  private static final ThreadLocal<DirectoryReader> READER =
      ThreadLocal.withInitial(DirectoryReader::new);

  private Directories() {}

  /**
   * Adds a directory's entries, sorted by name, to {@code out}; 0 or the negative errno.
   *
   * @param fd open for reading; its position moves
   */
  static long read(int fd, List<Entry> out) {
    long position = Linux.lseek(fd, 0, Linux.SEEK_SET);
    if (position < 0) {
      return position;
    }
    DirectoryReader reader = READER.get();
    reader.start(fd);
    int result = reader.next();
    while (result > 0) {
      out.add(new Entry(Names.string(reader.name()), reader.ino(), reader.type()));
      result = reader.next();
    }
    out.sort(Comparator.comparing(Entry::name));
    return result;
  }

  /** The same for a directory named by its parent's descriptor and a name. */
  static long read(int dirfd, byte[] name, List<Entry> out) {
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
    int fd = Linux.openat(dirfd, name, flags, 0);
    if (fd < 0) {
      return fd;
    }
    try {
      return read(fd, out);
    } finally {
      Linux.close(fd);
    }
  }
}
