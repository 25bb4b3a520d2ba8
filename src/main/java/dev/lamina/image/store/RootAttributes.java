package dev.lamina.image.store;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.file.DurableFiles;
import dev.lamina.layer.OverlayXattrs;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.Mode;
import dev.lamina.sys.NativeMemory;
import dev.lamina.sys.Stat;
import dev.lamina.sys.Xattrs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Sets the owner, mode, times and extended attributes of an upper's root directory. */
final class RootAttributes {
  /** The label is the machine's own, given by its file system. */
  private static final String SELINUX = "security.selinux";

  private RootAttributes() {}

  /** Gives a directory the attributes that a root directory has where no layer defines them. */
  static void setDefault(Path upper) throws IOException {
    int to = DurableFiles.openDirectory(upper);
    try {
      clear(to, upper);
      DurableFiles.check(Linux.fchownat(to, Linux.EMPTY, 0, 0), "make", upper);
      DurableFiles.check(Linux.fchmodat(to, Linux.EMPTY, 0755), "make", upper);
    } finally {
      Linux.close(to);
    }
  }

  /** Gives a directory all attributes of another one except marks. */
  static void copy(Path top, Path upper) throws IOException {
    int from = DurableFiles.openDirectory(top);
    try {
      int to = DurableFiles.openDirectory(upper);
      try {
        copy(from, to, top, upper);
      } finally {
        Linux.close(to);
      }
    } finally {
      Linux.close(from);
    }
  }

  private static void copy(int from, int to, Path top, Path upper) throws IOException {
    Stat stat = new Stat();
    DurableFiles.check(Linux.statx(from, Linux.EMPTY, stat), "read", top);
    DurableFiles.check(Linux.fchownat(to, Linux.EMPTY, stat.uid, stat.gid), "make", upper);
    clear(to, upper);
    try (NativeMemory value = new NativeMemory(Xattrs.XATTR_SIZE_MAX)) {
      for (String attribute : list(from, top, value)) {
        byte[] name = attribute.getBytes(ISO_8859_1);
        int size = Xattrs.get(from, Linux.EMPTY, name, value.address(), Xattrs.XATTR_SIZE_MAX);
        DurableFiles.check(size, "read " + attribute + " of", top);
        int result = Xattrs.set(to, Linux.EMPTY, name, value.address(), size, 0);
        DurableFiles.check(result, "set " + attribute + " of", upper);
      }
    }
    DurableFiles.check(
        Linux.fchmodat(to, Linux.EMPTY, stat.mode & Mode.PERMISSIONS), "make", upper);
    DurableFiles.check(Linux.utimensat(to, Linux.EMPTY, stat), "make", upper);
  }

  /** Removes what the directory has inherited from its parent. */
  private static void clear(int directory, Path path) throws IOException {
    try (NativeMemory names = new NativeMemory(Xattrs.XATTR_SIZE_MAX)) {
      for (String attribute : list(directory, path, names)) {
        int result = Xattrs.remove(directory, Linux.EMPTY, attribute.getBytes(ISO_8859_1));
        DurableFiles.check(result, "remove " + attribute + " of", path);
      }
    }
  }

  private static List<String> list(int directory, Path path, NativeMemory memory)
      throws IOException {
    int length = Xattrs.list(directory, Linux.EMPTY, memory.address(), Xattrs.XATTR_SIZE_MAX);
    DurableFiles.check(length == -Errno.EOPNOTSUPP ? 0 : length, "read the attributes of", path);
    byte[] names = new byte[Math.max(length, 0)];
    Memory.getBytes(memory.address(), names, 0, names.length);
    return Arrays.stream(new String(names, ISO_8859_1).split("\0"))
        .filter(name -> !name.isEmpty() && !name.equals(SELINUX))
        .filter(name -> !OverlayXattrs.isMark(name.getBytes(ISO_8859_1)))
        .toList();
  }
}
