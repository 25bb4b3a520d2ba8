package dev.lamina.image.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.ImageException;
import dev.lamina.image.Messages;
import dev.lamina.layer.UpperFormat;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.sys.TreeRemoval;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * The directory into which a layer is unpacked. This object is in one directory of that tree at a
 * time, and moves to another one component at a time and never through a symbolic link. So no entry
 * leads out of the tree, whatever earlier entries have made.
 *
 * <p>A directory keeps its times while entries are made in it, since archives have a directory
 * before its contents.
 */
final class LayerTree implements AutoCloseable {
  private static final int PATH_FLAGS =
      OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;

  private static final long BENEATH =
      Linux.RESOLVE_BENEATH | Linux.RESOLVE_NO_SYMLINKS | Linux.RESOLVE_NO_MAGICLINKS;

  /**
   * How many directories on the path are kept open; those above them are opened again when needed.
   */
  private static final int MAX_OPEN = 64;

  /** The mode of a directory that is made without an entry of its own, as by mkdir -p of root. */
  private static final int IMPLIED_MODE = 0755;

  /** The limit on the memory for {@link #hidden} in bytes; a layer needs none or little. */
  private static final long MAX_HIDDEN = 32 << 20;

  /** The memory that an element of a set takes besides its characters, in bytes. */
  private static final int ELEMENT = 100;

  /** A directory on the path from the root to the current one. */
  private static final class Level {
    final byte[] name;

    /** The descriptor, -1 when the directory is not open. */
    int fd;

    boolean changed;
    long mtimeSeconds;
    int mtimeNanos;

    Level(byte[] name, int fd) {
      this.name = name;
      this.fd = fd;
    }
  }

  private final int root;
  private final UpperFormat format;
  private final Stat stat = new Stat();
  private Level[] levels = new Level[16];
  private int depth;
  private long implied;

  /**
   * The paths of objects that are not directories but whose whiteouts hide lower directories. If a
   * later entry makes a directory there, it must be opaque; until then no mark is needed, since a
   * file hides what is below it by itself.
   */
  private final Set<String> hidden = new HashSet<>();

  private long hiddenBytes;

  /**
   * @param root a descriptor of the layer's directory, which is not closed
   */
  LayerTree(int root, UpperFormat format) {
    this.root = root;
    this.format = format;
    levels[0] = new Level(Linux.EMPTY, root);
    depth = 1;
  }

  /**
   * Moves to the directory that an entry is in, and makes missing directories.
   *
   * @throws ImageException when a parent is not a directory
   */
  void enter(EntryPath path) throws ImageException {
    int common = 1;
    while (common < depth
        && common <= path.parents()
        && Arrays.equals(levels[common].name, path.parent(common - 1))) {
      common++;
    }
    while (depth > common) {
      leave(levels[--depth], path);
    }
    if (levels[depth - 1].fd < 0) {
      reopen(path);
    }
    while (depth <= path.parents()) {
      descend(path);
    }
  }

  /** Returns how many directories were made without an entry of their own. */
  long implied() {
    return implied;
  }

  /** Returns a descriptor of the current directory, which the caller must not close. */
  int here() {
    return levels[depth - 1].fd;
  }

  private void descend(EntryPath path) throws ImageException {
    byte[] name = path.parent(depth - 1);
    int fd = Linux.openat(here(), name, PATH_FLAGS, 0);
    if (fd == -Errno.ENOENT || fd == -Errno.ENOTDIR && isWhiteout(name, path)) {
      makeDirectory(name, path);
      implied++;
      check(Linux.fchownat(here(), name, 0, 0), path, "a directory above it");
      check(Linux.fchmodat(here(), name, IMPLIED_MODE), path, "a directory above it");
      fd = Linux.openat(here(), name, PATH_FLAGS, 0);
    }
    if (fd == -Errno.ENOTDIR || fd == -Errno.ELOOP) {
      throw new ImageException(
          path + ": its parent " + level(path) + " is not a directory in this layer");
    }
    check(fd, path, "a directory above it");
    if (depth > MAX_OPEN) {
      leave(levels[depth - MAX_OPEN], path);
    }
    if (depth == levels.length) {
      levels = Arrays.copyOf(levels, 2 * depth);
    }
    levels[depth++] = new Level(name, fd);
  }

  private String level(EntryPath path) {
    return Messages.quote(new String(path.joined(depth), ISO_8859_1));
  }

  /** Opens the current directory again, which was closed since too many were open. */
  private void reopen(EntryPath path) throws ImageException {
    int fd = Linux.openat2(root, path.joined(depth - 1), PATH_FLAGS, 0, BENEATH);
    check(fd, path, "a directory above it");
    levels[depth - 1].fd = fd;
    levels[depth - 1].changed = false;
  }

  private void leave(Level level, EntryPath path) throws ImageException {
    int fd = level.fd;
    if (fd < 0 || fd == root) {
      return;
    }
    level.fd = -1;
    int result = restoreTime(level, fd);
    Linux.close(fd);
    check(result, path, "the time of a directory above it");
  }

  private static int restoreTime(Level level, int fd) {
    return level.changed
        ? Linux.utimensat(
            fd, Linux.EMPTY, 0, Linux.UTIME_OMIT, level.mtimeSeconds, level.mtimeNanos)
        : 0;
  }

  /**
   * Remembers the times of the current directory. Must be called before a name is made or removed
   * in it.
   */
  void changing(EntryPath path) throws ImageException {
    Level level = levels[depth - 1];
    if (!level.changed) {
      check(Linux.statx(level.fd, Linux.EMPTY, stat), path, "a directory above it");
      level.mtimeSeconds = stat.mtimeSeconds;
      level.mtimeNanos = stat.mtimeNanos;
      level.changed = true;
    }
  }

  /** Sets the times that the root directory gets in the end. */
  void rootHasTimes(long mtimeSeconds, int mtimeNanos) {
    levels[0].changed = true;
    levels[0].mtimeSeconds = mtimeSeconds;
    levels[0].mtimeNanos = mtimeNanos;
  }

  /**
   * Returns true when the current directory has a whiteout of that name, and false when it has
   * something else or nothing.
   */
  private boolean isWhiteout(byte[] name, EntryPath path) throws ImageException {
    int result = Linux.statx(here(), name, stat);
    if (result == -Errno.ENOENT) {
      return false;
    }
    check(result, path, null);
    return stat.type() == Mode.S_IFCHR && stat.rdev == 0;
  }

  /** Returns the same for an opaque directory. */
  private boolean isOpaque(byte[] name, EntryPath path) throws ImageException {
    int result = format.isMarkedOpaque(here(), name);
    return result != -Errno.ENOENT && check(result, path, null) > 0;
  }

  /**
   * Makes a directory in the current one, unless there is one of that name. Only its owner has
   * access to it until its attributes are set.
   *
   * @return true when it was made
   */
  boolean makeDirectory(byte[] name, EntryPath path) throws ImageException {
    changing(path);
    int result = Linux.mkdirat(here(), name, 0700);
    if (result == 0) {
      return true;
    }
    if (result != -Errno.EEXIST) {
      check(result, path, null);
    }
    check(Linux.statx(here(), name, stat), path, null);
    if (stat.isDirectory()) {
      return false;
    }
    // A directory that replaces a whiteout of this layer must hide what the whiteout has hidden.
    boolean isWhiteout = stat.type() == Mode.S_IFCHR && stat.rdev == 0;
    boolean hides = hidden.remove(key(name, path)) || isWhiteout;
    check(Linux.unlinkat(here(), name, 0), path, null);
    check(Linux.mkdirat(here(), name, 0700), path, null);
    if (hides) {
      check(format.markOpaque(here(), name), path, "the mark of an opaque directory");
    }
    return true;
  }

  /**
   * Opens a directory of the tree with O_PATH. Returns the descriptor, which the caller closes, or
   * the negative errno.
   */
  int open(EntryPath path) {
    int components = path.isRoot() ? 0 : path.parents() + 1;
    byte[] name = components == 0 ? new byte[] {'.'} : path.joined(components);
    return Linux.openat2(root, name, PATH_FLAGS, 0, BENEATH);
  }

  /**
   * Removes the object of a name in the current directory, so that another entry can take its
   * place.
   */
  void removeOld(byte[] name, EntryPath path) throws ImageException {
    if (isWhiteout(name, path) || isOpaque(name, path)) {
      rememberHidden(name, path);
    }
    int result = TreeRemoval.remove(here(), name);
    if (result != -Errno.ENOENT) {
      check(result, path, null);
    }
  }

  private void rememberHidden(byte[] name, EntryPath path) throws ImageException {
    String key = key(name, path);
    if (hidden.add(key)) {
      hiddenBytes += key.length() + ELEMENT;
      if (hiddenBytes > MAX_HIDDEN) {
        throw new ImageException(path + ": too many whiteouts for objects of the layer itself");
      }
    }
  }

  /**
   * Returns the path of a name in the current directory, whose components are the first ones of a
   * path.
   */
  private String key(byte[] name, EntryPath path) {
    return new String(path.joined(depth - 1), ISO_8859_1) + '/' + new String(name, ISO_8859_1);
  }

  /**
   * Makes the whiteout of a name in the current directory. It hides only what is in lower layers:
   * an object of that name in this layer stays, whichever entry is first (OCI image layer
   * specification, "Whiteouts").
   */
  void makeWhiteout(byte[] name, EntryPath path) throws ImageException {
    changing(path);
    int found = Linux.statx(here(), name, stat);
    if (found != -Errno.ENOENT) {
      check(found, path, null);
    }
    if (found == 0 && format.hidesInPlace()) {
      if (stat.isDirectory()) {
        check(format.markOpaque(here(), name), path, "the mark of an opaque directory");
      } else if (stat.type() != Mode.S_IFCHR || stat.rdev != 0) {
        rememberHidden(name, path);
      }
      return;
    }
    check(format.makeWhiteout(here(), name), path, "a whiteout");
  }

  /** Makes the current directory opaque. */
  void makeOpaque(EntryPath path) throws ImageException {
    check(format.markOpaque(here(), Linux.EMPTY), path, "the mark of an opaque directory");
  }

  /**
   * Makes a hard link in the current directory.
   *
   * @param target a path in the same layer
   */
  void link(EntryPath target, byte[] name, EntryPath path) throws ImageException {
    changing(path);
    int directory = root;
    if (target.parents() > 0) {
      directory = Linux.openat2(root, target.joined(target.parents()), PATH_FLAGS, 0, BENEATH);
    }
    try {
      Stat found = new Stat();
      int result = directory < 0 ? directory : Linux.statx(directory, target.name(), found);
      if (result < 0
          || target.isRoot()
          || found.isDirectory()
          || found.type() == Mode.S_IFCHR && found.rdev == 0) {
        throw new ImageException(
            path + ": a hard link to " + target + ", which is not a file of this layer");
      }
      result = Linux.linkat(directory, target.name(), here(), name);
      if (result == -Errno.EEXIST) {
        boolean isSame =
            Linux.statx(here(), name, stat) == 0 && stat.ino == found.ino && stat.dev == found.dev;
        if (isSame) {
          return;
        }
        removeOld(name, path);
        result = Linux.linkat(directory, target.name(), here(), name);
      }
      check(result, path, "a hard link to " + target);
    } finally {
      if (directory >= 0 && directory != root) {
        Linux.close(directory);
      }
    }
  }

  /**
   * Returns the result of a system call, or throws an exception for a negative errno.
   *
   * @param what part of the entry the call was for; null for the entry itself
   */
  static int check(int result, EntryPath path, String what) throws ImageException {
    if (result < 0) {
      String subject = what == null ? path.toString() : path + ": " + what;
      throw new ImageException(subject + ": " + Errno.message(-result));
    }
    return result;
  }

  /** Sets the times of the directories that are still open, and closes them. */
  void finish(EntryPath last) throws ImageException {
    while (depth > 1) {
      leave(levels[--depth], last);
    }
    check(restoreTime(levels[0], root), last, "the time of the layer's directory");
  }

  /** Closes what is open. After a failure the tree is incomplete and must not be used. */
  @Override
  public void close() {
    while (depth > 1) {
      Level level = levels[--depth];
      if (level.fd >= 0) {
        Linux.close(level.fd);
      }
    }
  }
}
