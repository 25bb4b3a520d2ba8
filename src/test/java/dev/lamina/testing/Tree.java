package dev.lamina.testing;

import dev.lamina.sys.Errno;
import dev.lamina.sys.FileSystemStat;
import dev.lamina.sys.Getdents;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.sys.Xattrs;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A directory tree that is accessed with system calls. Paths are relative to its root (the empty
 * path is the root itself) and contain bytes as ISO-8859-1.
 *
 * <p>Methods with the name of a system call return its value or the negative errno, which {@link
 * #ok} and {@link #refused} check. The others do what tests need often, and fail the test if they
 * cannot.
 */
public final class Tree {
  private static final int O_PATH = OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW;

  private final String root;

  public Tree(Path root) {
    this(root.toString());
  }

  /**
   * @param root the absolute path of the root, bytes as ISO-8859-1
   */
  public Tree(String root) {
    this.root = root;
  }

  /** Returns the tree below one of the directories. */
  public Tree at(String path) {
    return new Tree(string(path));
  }

  /** Returns the absolute path of an object, for the command line of a program. */
  public String string(String path) {
    return path.isEmpty() ? root : root + "/" + path;
  }

  private byte[] full(String path) {
    return bytes(string(path));
  }

  public static byte[] bytes(String string) {
    return string.getBytes(StandardCharsets.ISO_8859_1);
  }

  // Judging results

  /** Returns the result of a call, and fails if it is an error. */
  public static int ok(long result) {
    if (result < 0) {
      throw new AssertionError("failed with " + Errno.name((int) -result));
    }
    return (int) result;
  }

  /** Fails unless a call failed with {@code errno}. */
  public static void refused(int errno, long result) {
    if (result != -errno) {
      String actual = result < 0 ? Errno.name((int) -result) : "success (" + result + ")";
      throw new AssertionError("expected " + Errno.name(errno) + ", not " + actual);
    }
  }

  // System calls

  public int open(String path, int flags) {
    return open(path, flags, 0);
  }

  public int open(String path, int flags, int mode) {
    return Linux.openat(Linux.AT_FDCWD, full(path), flags, mode);
  }

  public int mkdir(String path, int mode) {
    return Linux.mkdirat(Linux.AT_FDCWD, full(path), mode);
  }

  public int mknod(String path, int mode, long dev) {
    return Linux.mknodat(Linux.AT_FDCWD, full(path), mode, dev);
  }

  public int symlink(String target, String path) {
    return Linux.symlinkat(bytes(target), Linux.AT_FDCWD, full(path));
  }

  public int link(String path, String newPath) {
    return Linux.linkat(Linux.AT_FDCWD, full(path), Linux.AT_FDCWD, full(newPath));
  }

  public int unlink(String path) {
    return Linux.unlinkat(Linux.AT_FDCWD, full(path), 0);
  }

  public int rmdir(String path) {
    return Linux.unlinkat(Linux.AT_FDCWD, full(path), Linux.AT_REMOVEDIR);
  }

  public int rename(String path, String newPath) {
    return rename(path, newPath, 0);
  }

  public int rename(String path, String newPath, int flags) {
    return Linux.renameat2(Linux.AT_FDCWD, full(path), Linux.AT_FDCWD, full(newPath), flags);
  }

  /** Does what mv(1) does: renames or, if the file system returns EXDEV, copies and deletes. */
  public void move(String path, String newPath) {
    int result = rename(path, newPath);
    if (result == -Errno.EXDEV) {
      Commands.run("mv", "-T", string(path), string(newPath)).succeed();
    } else {
      ok(result);
    }
  }

  public int chmod(String path, int mode) {
    return Linux.fchmodat(Linux.AT_FDCWD, full(path), mode);
  }

  public int chown(String path, int uid, int gid) {
    return Linux.fchownat(Linux.AT_FDCWD, full(path), uid, gid);
  }

  /** Sets the access time and the modification time. */
  public int utimens(String path, long seconds, int nanos) {
    return utimens(path, seconds, nanos, seconds, nanos);
  }

  public int utimens(String path, long atime, int atimeNanos, long mtime, int mtimeNanos) {
    byte[] full = full(path);
    return Linux.utimensat(Linux.AT_FDCWD, full, atime, atimeNanos, mtime, mtimeNanos);
  }

  /** Calls truncate(2). */
  public int truncate(String path, long size) {
    int fd = open(path, OpenFlags.O_WRONLY);
    if (fd < 0) {
      return fd;
    }
    int result = Linux.ftruncate(fd, size);
    Linux.close(fd);
    return result;
  }

  /** Calls statx(2) and returns only whether it succeeds. */
  public int lstat(String path) {
    return Linux.statx(Linux.AT_FDCWD, full(path), new Stat());
  }

  public int setxattr(String path, String name, String value) {
    return setxattr(path, name, bytes(value), 0);
  }

  /** Calls lsetxattr(2). */
  public int setxattr(String path, String name, byte[] value, int flags) {
    int fd = open(path, O_PATH);
    if (fd < 0) {
      return fd;
    }
    ByteBuffer memory = ByteBuffer.allocateDirect(value.length + 1).put(value);
    long address = Memory.address(memory);
    int result = Xattrs.set(fd, Linux.EMPTY, bytes(name), address, value.length, flags);
    Reference.reachabilityFence(memory);
    Linux.close(fd);
    return result;
  }

  public int removexattr(String path, String name) {
    int fd = open(path, O_PATH);
    if (fd < 0) {
      return fd;
    }
    int result = Xattrs.remove(fd, Linux.EMPTY, bytes(name));
    Linux.close(fd);
    return result;
  }

  /** Calls lgetxattr(2) for the length only. */
  public int getxattr(String path, String name) {
    int fd = open(path, O_PATH);
    if (fd < 0) {
      return fd;
    }
    int result = Xattrs.get(fd, Linux.EMPTY, bytes(name), 0, 0);
    Linux.close(fd);
    return result;
  }

  // What tests need often

  /** Returns the result of lstat(2). */
  public Stat stat(String path) {
    Stat stat = new Stat();
    int result = Linux.statx(Linux.AT_FDCWD, full(path), stat);
    if (result < 0) {
      throw new AssertionError("stat of " + string(path) + ": " + Errno.name(-result));
    }
    return stat;
  }

  public boolean exists(String path) {
    int result = lstat(path);
    if (result == -Errno.ENOENT) {
      return false;
    }
    ok(result);
    return true;
  }

  public FileSystemStat statfs(String path) {
    FileSystemStat stat = new FileSystemStat();
    int fd = ok(open(path, O_PATH));
    int result = Linux.fstatfs(fd, stat);
    Linux.close(fd);
    ok(result);
    return stat;
  }

  /** Creates a directory with mode 0755, and the missing ones above it. */
  public Tree directory(String path) {
    for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
      mkdir(path.substring(0, slash), 0755);
    }
    mkdir(path, 0755);
    if (!stat(path).isDirectory()) {
      throw new AssertionError(string(path) + " is no directory");
    }
    return at(path);
  }

  /**
   * Creates a file with mode 0644 or replaces its contents, and creates the directories above it.
   */
  public void write(String path, String content) {
    if (path.lastIndexOf('/') > 0) {
      directory(path.substring(0, path.lastIndexOf('/')));
    }
    int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_TRUNC;
    int fd = ok(open(path, flags, 0644));
    pwrite(fd, content, 0);
    ok(Linux.close(fd));
  }

  /** Appends to an existing file. */
  public void append(String path, String content) {
    int fd = ok(open(path, OpenFlags.O_WRONLY | OpenFlags.O_APPEND));
    pwrite(fd, content, 0);
    ok(Linux.close(fd));
  }

  /** Returns the contents of a file. */
  public String read(String path) {
    int fd = open(path, OpenFlags.O_RDONLY);
    if (fd < 0) {
      throw new AssertionError("open of " + string(path) + ": " + Errno.name(-fd));
    }
    String content = readAll(fd);
    Linux.close(fd);
    return content;
  }

  public static String readAll(int fd) {
    StringBuilder content = new StringBuilder();
    String part = pread(fd, 65536, 0);
    while (!part.isEmpty()) {
      content.append(part);
      part = pread(fd, 65536, content.length());
    }
    return content.toString();
  }

  /** Returns at most {@code size} bytes at an offset. */
  public static String pread(int fd, int size, long offset) {
    ByteBuffer memory = ByteBuffer.allocateDirect(size);
    byte[] bytes = new byte[ok(Linux.pread(fd, Memory.address(memory), size, offset))];
    memory.get(bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** Writes a whole text at an offset. */
  public static void pwrite(int fd, String content, long offset) {
    int written = 0;
    while (written < content.length()) {
      String rest = content.substring(written);
      written += ok(tryPwrite(fd, rest, offset + written));
    }
  }

  /** Calls pwrite64(2) once. */
  public static int tryPwrite(int fd, String content, long offset) {
    ByteBuffer memory = ByteBuffer.allocateDirect(content.length() + 1).put(bytes(content));
    int result = Linux.pwrite(fd, Memory.address(memory), content.length(), offset);
    Reference.reachabilityFence(memory);
    return result;
  }

  public String readlink(String path) {
    ByteBuffer memory = ByteBuffer.allocateDirect(4096);
    int length = Linux.readlinkat(Linux.AT_FDCWD, full(path), Memory.address(memory), 4096);
    byte[] target = new byte[ok(length)];
    memory.get(target);
    return new String(target, StandardCharsets.ISO_8859_1);
  }

  /** Returns the whole listing of a directory, with the number of calls. */
  public Getdents getdents(String path) {
    int fd = ok(open(path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY));
    try {
      return Getdents.readAll(fd);
    } finally {
      Linux.close(fd);
    }
  }

  /**
   * Returns the sorted names in a directory, including duplicates, without {@code .} and {@code
   * ..}.
   */
  public List<String> list(String path) {
    return getdents(path).entries().stream()
        .map(Getdents.Entry::name)
        .filter(name -> !name.equals(".") && !name.equals(".."))
        .sorted()
        .toList();
  }

  /** Returns the value of an extended attribute, null if it does not exist. */
  public String xattr(String path, String name) {
    return xattrs(path).get(name);
  }

  /** Returns all extended attributes that the object lists. */
  public Map<String, String> xattrs(String path) {
    Map<String, String> all = new TreeMap<>();
    int size = 70_000;
    ByteBuffer memory = ByteBuffer.allocateDirect(size);
    long address = Memory.address(memory);
    int fd = ok(open(path, O_PATH));
    try {
      byte[] names = new byte[ok(Xattrs.list(fd, Linux.EMPTY, address, size))];
      memory.get(0, names);
      for (int start = 0, at = 0; at < names.length; at++) {
        if (names[at] == 0) {
          byte[] name = Arrays.copyOfRange(names, start, at);
          byte[] value = new byte[ok(Xattrs.get(fd, Linux.EMPTY, name, address, size))];
          memory.get(0, value);
          all.put(
              new String(name, StandardCharsets.ISO_8859_1),
              new String(value, StandardCharsets.ISO_8859_1));
          start = at + 1;
        }
      }
      return all;
    } finally {
      Linux.close(fd);
    }
  }

  /** Makes a whiteout as kernel overlayfs does: a character device 0:0. */
  public void whiteout(String path) {
    if (path.lastIndexOf('/') > 0) {
      directory(path.substring(0, path.lastIndexOf('/')));
    }
    ok(mknod(path, Mode.S_IFCHR, 0));
  }

  @Override
  public String toString() {
    return root;
  }
}
