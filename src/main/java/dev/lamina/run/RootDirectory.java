package dev.lamina.run;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.NativeMemory;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A root file system, used from outside the container. Paths are resolved as if it were the root
 * directory already: a symbolic link, even an absolute one or one with {@code ..}, leads to an
 * object within it.
 */
final class RootDirectory implements AutoCloseable {
  private static final int O_PATH = OpenFlags.O_PATH;
  private static final int O_NOFOLLOW = OpenFlags.O_NOFOLLOW;

  /** The number of symbolic links that the kernel follows (path_resolution(7)). */
  private static final int MOST_LINKS = 40;

  private static final int DIRECTORY_MODE = 0755;
  private static final int FILE_MODE = 0644;
  private static final int LONGEST_PATH = 4096;

  /** How often openat2(2) is tried while other processes rename objects in the root. */
  private static final int TRIES = 100;

  private final int fd;
  private final MountTargets targets;

  private RootDirectory(int fd, Path notes) {
    this.fd = fd;
    targets = new MountTargets(fd, notes);
  }

  /**
   * Opens a root file system.
   *
   * @param path a path of the host
   */
  static RootDirectory open(String path) throws RunException {
    return open(path, null);
  }

  /**
   * Opens a root file system in which mount points may be made.
   *
   * @param path a path of the host
   * @param notes the file that lists the mount points that are made ({@link MountTargets}); may be
   *     null
   */
  static RootDirectory open(String path, Path notes) throws RunException {
    int flags = O_PATH | OpenFlags.O_DIRECTORY;
    int fd = Linux.openat(Linux.AT_FDCWD, Bytes.of(path), flags, 0);
    if (fd < 0) {
      throw new RunException(
          "cannot open the root file system " + Bytes.shown(path) + ": " + Errno.message(-fd));
    }
    return new RootDirectory(fd, notes);
  }

  /** Returns the descriptor (O_PATH), which this object closes. */
  int fd() {
    return fd;
  }

  /** Removes the mount points that a killed run has made and listed in its notes. */
  void removeNotedTargets() throws IOException {
    targets.restore();
    targets.remove();
  }

  /** Removes the mount points that were made. */
  void removeTargets() {
    targets.remove();
  }

  @Override
  public void close() {
    Linux.close(fd);
  }

  /**
   * Opens an object (O_PATH), following symbolic links within the root. Returns a descriptor, which
   * the caller must close, or a negative errno.
   */
  int find(String path) {
    int found = -Errno.EAGAIN;
    for (int i = 0; i < TRIES && found == -Errno.EAGAIN; i++) {
      long resolve = Linux.RESOLVE_IN_ROOT | Linux.RESOLVE_NO_MAGICLINKS;
      found = Linux.openat2(fd, Bytes.of(path.isEmpty() ? "/" : path), O_PATH, 0, resolve);
    }
    return found;
  }

  /**
   * Returns the contents of a regular file, or null if the file does not exist.
   *
   * @param most the largest size allowed, in bytes
   */
  byte[] read(String path, int most) throws RunException {
    int found = find(path);
    if (found == -Errno.ENOENT || found == -Errno.ENOTDIR) {
      return null;
    }
    if (found < 0) {
      throw failed(path, found);
    }
    try {
      Stat stat = new Stat();
      int result = Linux.fstat(found, stat);
      if (result < 0) {
        throw failed(path, result);
      }
      // Opening a FIFO would block, and opening a device can have any effect.
      if (!stat.isRegular()) {
        throw new RunException(path + " in the root file system is not a regular file");
      }
      if (stat.size > most) {
        throw new RunException(
            path
                + " in the root file system is too large: "
                + stat.size
                + " bytes, at most "
                + most
                + " are allowed");
      }
      return contents(path, found, most);
    } finally {
      Linux.close(found);
    }
  }

  private static byte[] contents(String path, int found, int most) throws RunException {
    int open = Linux.reopen(found, OpenFlags.O_RDONLY);
    if (open < 0) {
      throw failed(path, open);
    }
    try (NativeMemory memory = new NativeMemory(most)) {
      int length = 0;
      int read;
      do {
        read = Linux.pread(open, memory.address() + length, most - length, length);
        if (read < 0) {
          throw failed(path, read);
        }
        length += read;
      } while (read > 0 && length < most);
      byte[] contents = new byte[length];
      Memory.getBytes(memory.address(), contents, 0, length);
      return contents;
    } finally {
      Linux.close(open);
    }
  }

  /**
   * Opens a directory (O_PATH). If it or a directory above it does not exist, it is made with mode
   * 0755 and owner root, as runc and Docker do. The caller must close the descriptor.
   */
  int makeDirectory(String path) throws RunException {
    return make(path, true, null);
  }

  /** Does the same for a file, which is made empty if it does not exist. */
  int makeFile(String path) throws RunException {
    return make(path, false, null);
  }

  /** Makes a mount point, which lasts until {@link #removeTargets}. */
  void makeTarget(String path, boolean directory) throws RunException {
    Linux.close(make(path, directory, targets));
  }

  /**
   * Opens a directory directly below the root (O_PATH). If it does not exist, it is made and lasts
   * until {@link #removeTargets}. A symbolic link is refused. The caller must close the descriptor.
   */
  int makeOwnDirectory(String name) throws RunException {
    int flags = O_PATH | O_NOFOLLOW | OpenFlags.O_DIRECTORY;
    int found = Linux.openat(fd, Bytes.of(name), flags, 0);
    if (found == -Errno.ENOENT) {
      int made = create(fd, Bytes.of(name), true, targets);
      if (made < 0) {
        throw failed("/" + name, made);
      }
      found = Linux.openat(fd, Bytes.of(name), flags, 0);
    }
    if (found < 0) {
      throw new RunException(
          "/" + name + " in the root file system is not a directory: " + Errno.message(-found));
    }
    return found;
  }

  /**
   * Returns whether a file can be mounted at the path, because a regular file is there or could be
   * made. In an image on a read-only mount it may be impossible to make one; such a file is left
   * out.
   */
  boolean hasPlaceFor(String path) {
    int found = find(path);
    if (found < 0) {
      try {
        found = make(path, false, targets);
      } catch (RunException e) {
        return false;
      }
    }
    Stat stat = new Stat();
    boolean has = Linux.fstat(found, stat) == 0 && stat.isRegular();
    Linux.close(found);
    return has;
  }

  /**
   * Walks the path one component at a time and keeps every directory on the way open, so that
   * {@code ..} returns to the directory the walk came from, even if directories are renamed
   * meanwhile.
   *
   * @param made records the objects that did not exist and were made; may be null
   */
  private int make(String path, boolean directory, MountTargets made) throws RunException {
    Deque<String> rest = new ArrayDeque<>(names(path));
    List<Integer> way = new ArrayList<>();
    int links = 0;
    try {
      int here = fd;
      while (!rest.isEmpty()) {
        String name = rest.pop();
        if (name.equals("..")) {
          if (!way.isEmpty()) {
            Linux.close(way.remove(way.size() - 1));
          }
          here = way.isEmpty() ? fd : way.get(way.size() - 1);
          continue;
        }
        boolean last = rest.isEmpty();
        int next = openOrMake(path, here, Bytes.of(name), directory || !last, made);
        way.add(next);
        Stat stat = new Stat();
        int result = Linux.fstat(next, stat);
        if (result < 0) {
          throw failed(path, result);
        }
        if (stat.isSymlink()) {
          if (++links > MOST_LINKS) {
            throw failed(path, -Errno.ELOOP);
          }
          String target = target(path, next);
          Linux.close(way.remove(way.size() - 1));
          if (target.startsWith("/")) {
            closeAll(way);
          }
          List<String> names = names(target);
          for (int i = names.size() - 1; i >= 0; i--) {
            rest.push(names.get(i));
          }
        } else if (stat.isDirectory() != (directory || !last)) {
          throw failed(path, stat.isDirectory() ? -Errno.EISDIR : -Errno.ENOTDIR);
        }
        here = way.isEmpty() ? fd : way.get(way.size() - 1);
      }
      if (way.isEmpty()) {
        if (!directory) {
          throw failed(path, -Errno.EISDIR);
        }
        int copy = Linux.fcntl(fd, Linux.F_DUPFD_CLOEXEC, 0);
        if (copy < 0) {
          throw failed(path, copy);
        }
        return copy;
      }
      return way.remove(way.size() - 1);
    } finally {
      closeAll(way);
    }
  }

  private static int openOrMake(
      String path, int parent, byte[] name, boolean directory, MountTargets targets)
      throws RunException {
    int found = Linux.openat(parent, name, O_PATH | O_NOFOLLOW, 0);
    if (found == -Errno.ENOENT) {
      int made = create(parent, name, directory, targets);
      if (made < 0 && made != -Errno.EEXIST) {
        throw failed(path, made);
      }
      found = Linux.openat(parent, name, O_PATH | O_NOFOLLOW, 0);
    }
    if (found < 0) {
      throw failed(path, found);
    }
    return found;
  }

  private static int create(int parent, byte[] name, boolean directory, MountTargets targets) {
    Stat before = new Stat();
    int result = Linux.fstat(parent, before);
    if (result < 0) {
      return result;
    }
    result = directory ? makeSubdirectory(parent, name) : makeEmpty(parent, name);
    if (result == 0 && targets != null) {
      targets.add(parent, name, before);
    }
    return result;
  }

  private static int makeSubdirectory(int parent, byte[] name) {
    int made = Linux.mkdirat(parent, name, DIRECTORY_MODE);
    // The mode must not depend on the umask of this process.
    return made < 0 ? made : Linux.fchmodat(parent, name, DIRECTORY_MODE);
  }

  private static int makeEmpty(int parent, byte[] name) {
    int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL | O_NOFOLLOW;
    int file = Linux.openat(parent, name, flags, FILE_MODE);
    if (file < 0) {
      return file;
    }
    int changed = Linux.fchmod(file, FILE_MODE);
    Linux.close(file);
    return changed;
  }

  /** Returns the path of an open object of the host, without symbolic links. */
  static String realPath(int fd) throws RunException {
    String link = "/proc/self/fd/" + fd;
    int symlink = Linux.openat(Linux.AT_FDCWD, Bytes.of(link), O_PATH | O_NOFOLLOW, 0);
    if (symlink < 0) {
      throw new RunException("/proc is not mounted");
    }
    try {
      return target(link, symlink);
    } finally {
      Linux.close(symlink);
    }
  }

  private static String target(String path, int link) throws RunException {
    try (NativeMemory memory = new NativeMemory(LONGEST_PATH)) {
      int length = Linux.readlinkat(link, Linux.EMPTY, memory.address(), LONGEST_PATH);
      if (length < 0) {
        throw failed(path, length);
      }
      byte[] target = new byte[length];
      Memory.getBytes(memory.address(), target, 0, length);
      return Bytes.string(target);
    }
  }

  private static void closeAll(List<Integer> fds) {
    fds.forEach(Linux::close);
    fds.clear();
  }

  /** Returns the components of a path, including {@code ..}. */
  private static List<String> names(String path) {
    List<String> names = new ArrayList<>();
    for (String name : path.split("/")) {
      if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
    }
    return names;
  }

  /** Returns an absolute path without empty components, {@code .} and {@code ..}. */
  static String clean(String path) {
    List<String> names = new ArrayList<>();
    for (String name : names(path)) {
      if (!name.equals("..")) {
        names.add(name);
      } else if (!names.isEmpty()) {
        names.remove(names.size() - 1);
      }
    }
    return "/" + String.join("/", names);
  }

  private static RunException failed(String path, int result) {
    return new RunException(
        Bytes.shown(path) + " in the root file system: " + Errno.message(-result));
  }
}
