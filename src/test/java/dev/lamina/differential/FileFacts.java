package dev.lamina.differential;

import dev.lamina.sys.Devices;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;
import dev.lamina.sys.Xattrs;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.zip.CRC32;

/** Turns what the system says of a file into facts. An object belongs to one thread. */
final class FileFacts {
  static final int BUFFER_SIZE = 128 * 1024;

  private static final long DAY_SECONDS = 24 * 60 * 60;

  private final ByteBuffer memory = ByteBuffer.allocateDirect(BUFFER_SIZE);
  private final long buffer = Memory.address(memory);

  /** The address of {@link #BUFFER_SIZE} bytes that any method here overwrites. */
  long buffer() {
    return buffer;
  }

  static Facts stat(Stat stat) {
    Facts facts = new Facts();
    facts.put("type", typeName(stat.type()));
    facts.put("mode", String.format("%04o", stat.mode & Mode.PERMISSIONS));
    facts.put("nlink", stat.nlink);
    facts.put("owner", stat.uid + ":" + stat.gid);
    if (Mode.isDevice(stat.mode)) {
      facts.put("rdev", Devices.major(stat.rdev) + ":" + Devices.minor(stat.rdev));
    }
    if (!stat.isDirectory()) {
      facts.put("size", stat.size);
    }
    facts.put("atime", time(stat.atimeSeconds, stat.atimeNanos));
    facts.put("mtime", time(stat.mtimeSeconds, stat.mtimeNanos));
    if (stat.ino == 0) {
      facts.put("ino", "0");
    }
    return facts;
  }

  static String typeName(int type) {
    return switch (type) {
      case Mode.S_IFREG -> "file";
      case Mode.S_IFDIR -> "dir";
      case Mode.S_IFLNK -> "symlink";
      case Mode.S_IFIFO -> "fifo";
      case Mode.S_IFSOCK -> "socket";
      case Mode.S_IFCHR -> "char";
      case Mode.S_IFBLK -> "block";
      case 0 -> "unknown";
      default -> Integer.toOctalString(type);
    };
  }

  static String time(long seconds, int nanos) {
    long now = System.currentTimeMillis() / 1000;
    return Math.abs(seconds - now) < DAY_SECONDS
        ? "recent"
        : String.format("%d.%09d", seconds, nanos);
  }

  /** The target of a symbolic link, printed, or the error. */
  String linkTarget(int dirfd, byte[] name) {
    int length = Linux.readlinkat(dirfd, name, buffer, BUFFER_SIZE);
    return length < 0 ? Facts.result(length) : Names.print(Names.string(bytes(length)));
  }

  /** What is in a file, open for reading: length, checksum and how it begins; or the error. */
  String data(int fd, long offset, long size) {
    DataSum sum = new DataSum();
    long result = read(fd, offset, size, sum::add);
    return result < 0 ? Facts.result(result) : sum.toString();
  }

  /** The same of a part of what is in memory. */
  static String data(byte[] all, int start, int end) {
    DataSum sum = new DataSum();
    sum.add(Arrays.copyOfRange(all, start, end));
    return sum.toString();
  }

  /** All of a file, open for reading; null where it cannot be read. */
  byte[] contents(int fd) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    return read(fd, 0, Integer.MAX_VALUE, all::writeBytes) < 0 ? null : all.toByteArray();
  }

  /** The bytes read, or the negative errno. */
  private long read(int fd, long offset, long size, Consumer<byte[]> out) {
    long done = 0;
    while (done < size) {
      int wanted = (int) Math.min(BUFFER_SIZE, size - done);
      int n = Linux.pread(fd, buffer, wanted, offset + done);
      if (n < 0) {
        return n;
      }
      if (n == 0) {
        break;
      }
      out.accept(bytes(n));
      done += n;
    }
    return done;
  }

  /** Length, checksum and beginning of data that comes in parts. */
  private static final class DataSum {
    private final CRC32 checksum = new CRC32();
    private byte[] start = {};
    private long length;

    void add(byte[] part) {
      checksum.update(part);
      start = length == 0 ? Arrays.copyOf(part, Math.min(part.length, 8)) : start;
      length += part.length;
    }

    @Override
    public String toString() {
      String text = Names.print(Names.string(start));
      return length + " bytes, crc " + Long.toHexString(checksum.getValue()) + ", " + text;
    }
  }

  /** The names of a file's extended attributes that are of interest, or null with the error. */
  TreeSet<String> xattrNames(int dirfd, byte[] name, Facts facts, Predicate<String> wanted) {
    int length = Xattrs.list(dirfd, name, buffer, BUFFER_SIZE);
    if (length < 0) {
      facts.put("xattrs", Facts.result(length));
      return null;
    }
    TreeSet<String> names = new TreeSet<>();
    for (String attribute : Names.string(bytes(length)).split("\0")) {
      if (!attribute.isEmpty() && wanted.test(attribute)) {
        names.add(attribute);
      }
    }
    return names;
  }

  /** The value of one extended attribute, printed, or the error. */
  String xattr(int dirfd, byte[] name, String attribute) {
    int length = Xattrs.get(dirfd, name, Names.bytes(attribute), buffer, BUFFER_SIZE);
    return length < 0 ? Facts.result(length) : "=" + Names.print(Names.string(bytes(length)));
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    Memory.getBytes(buffer, bytes, 0, length);
    return bytes;
  }
}
