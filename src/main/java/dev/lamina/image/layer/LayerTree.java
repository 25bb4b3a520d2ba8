package dev.lamina.image.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.ImageException;
import dev.lamina.image.Words;
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
 * The directory that a layer is unpacked into. It is in one directory of that tree at a time, to
 * which it goes from wherever it was, one component at a time and never through a symbolic link; so
 * no entry leads out of the tree, whatever the entries before it have made.
 *
 * <p>A directory keeps its times while entries are made in it: archives have a directory before
 * what is in it.
 */
final class LayerTree implements AutoCloseable {
  private static final int PATH_FLAGS =
      OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;

  private static final long BENEATH =
      Linux.RESOLVE_BENEATH | Linux.RESOLVE_NO_SYMLINKS | Linux.RESOLVE_NO_MAGICLINKS;

  /** Directories on the way that are kept open; those above them are opened again. */
  private static final int MOST_OPEN = 64;

  /** A directory that entries need and none has described: what mkdir -p of root makes. */
  private static final int IMPLIED_MODE = 0755;

  /** Bytes of memory for {@link #hidden}; a layer has none or a few. */
  private static final long MOST_HIDDEN = 32 << 20;

  /** What an element of a set takes beside its characters, in bytes. */
  private static final int ELEMENT = 100;

  /** A directory on the way from the root to the current one. */
  private static final class Level {
    final byte[] name;

    /** -1 when it is not open. */
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
   * Paths of what is no directory now, while the layer hides what lies below it: should it become
   * one yet, that must be opaque. Until then nothing needs a mark, since a file hides by itself.
   */
  private final Set<String> hidden = new HashSet<>();

  private long hiddenBytes;

  /**
   * @param root a descriptor of the layer's directory, which stays the caller's
   */
  LayerTree(int root, UpperFormat format) {
    this.root = root;
    this.format = format;
    levels[0] = new Level(Linux.EMPTY, root);
    depth = 1;
  }

  /**
   * Goes to the directory in which an entry belongs, making those that are missing.
   *
   * @throws ImageException when something on the way is no directory
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

  /** Directories that were made without an entry of their own. */
  long implied() {
    return implied;
  }

  /** A descriptor of the current directory; it stays this object's. */
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
          path + ": what is above it, " + level(path) + ", is no directory in this layer");
    }
    check(fd, path, "a directory above it");
    if (depth > MOST_OPEN) {
      leave(levels[depth - MOST_OPEN], path);
    }
    if (depth == levels.length) {
      levels = Arrays.copyOf(levels, 2 * depth);
    }
    levels[depth++] = new Level(name, fd);
  }

  private String level(EntryPath path) {
    return Words.quote(new String(path.joined(depth), ISO_8859_1));
  }

  /** Opens the current directory again, which was closed as one of too many. */
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

  /** To be called before a name is made or removed in the current directory. */
  void changing(EntryPath path) throws ImageException {
    Level level = levels[depth - 1];
    if (!level.changed) {
      check(Linux.statx(level.fd, Linux.EMPTY, stat), path, "a directory above it");
      level.mtimeSeconds = stat.mtimeSeconds;
      level.mtimeNanos = stat.mtimeNanos;
      level.changed = true;
    }
  }

  /** To be called when the root directory itself got other times. */
  void rootHasTimes(long mtimeSeconds, int mtimeNanos) {
    levels[0].changed = true;
    levels[0].mtimeSeconds = mtimeSeconds;
    levels[0].mtimeNanos = mtimeNanos;
  }

  /**
   * True when the current directory has a whiteout of that name, false also when it has nothing.
   */
  private boolean isWhiteout(byte[] name, EntryPath path) throws ImageException {
    int result = Linux.statx(here(), name, stat);
    if (result == -Errno.ENOENT) {
      return false;
    }
    check(result, path, null);
    return stat.type() == Mode.S_IFCHR && stat.rdev == 0;
  }

  /** The same for a directory that hides what is below it. */
  private boolean isOpaque(byte[] name, EntryPath path) throws ImageException {
    int result = format.isMarkedOpaque(here(), name);
    return result != -Errno.ENOENT && check(result, path, null) > 0;
  }

  /**
   * Makes a directory in the current one, for root alone until it has attributes of its own, unless
   * there is one of that name.
   *
   * @return whether it was made
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
    // A directory takes the place of a whiteout of this layer: it must hide what that hid.
    boolean isWhiteout = stat.type() == Mode.S_IFCHR && stat.rdev == 0;
    boolean hides = hidden.remove(key(name, path)) || isWhiteout;
    check(Linux.unlinkat(here(), name, 0), path, null);
    check(Linux.mkdirat(here(), name, 0700), path, null);
    if (hides) {
      check(format.markOpaque(here(), name), path, "the mark of an opaque directory");
    }
    return true;
  }

  /** Opens a directory of the tree (O_PATH), for the caller to close; or the negative errno. */
  int open(EntryPath path) {
    int components = path.isRoot() ? 0 : path.parents() + 1;
    byte[] name = components == 0 ? new byte[] {'.'} : path.joined(components);
    return Linux.openat2(root, name, PATH_FLAGS, 0, BENEATH);
  }

  /** Removes what has a name in the current directory, for another entry to take its place. */
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
      if (hiddenBytes > MOST_HIDDEN) {
        throw new ImageException(path + ": too many whiteouts of what the layer itself has");
      }
    }
  }

  /** Of a name in the current directory, which is on the way of a path. */
  private String key(byte[] name, EntryPath path) {
    return new String(path.joined(depth - 1), ISO_8859_1) + '/' + new String(name, ISO_8859_1);
  }

  /**
   * Makes the whiteout of a name in the current directory. It is for what is below its layer,
   * whichever entry is first: what this layer has stays (OCI image layer specification,
   * "Whiteouts").
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

  /** Makes the current directory hide all that is below it. */
  void makeOpaque(EntryPath path) throws ImageException {
    check(format.markOpaque(here(), Linux.EMPTY), path, "the mark of an opaque directory");
  }

  /**
   * Makes a hard link in the current directory.
   *
   * @param target of the same layer
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
            path + ": a hard link to " + target + ", which is no file of this layer");
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
   * Passes on the result of a system call.
   *
   * @param what of the entry it was for; null for the entry itself
   */
  static int check(int result, EntryPath path, String what) throws ImageException {
    if (result < 0) {
      String subject = what == null ? path.toString() : path + ": " + what;
      throw new ImageException(subject + ": " + Errno.message(-result));
    }
    return result;
  }

  /** Gives the directories that are still open their times, and closes them. */
  void finish(EntryPath last) throws ImageException {
    while (depth > 1) {
      leave(levels[--depth], last);
    }
    check(restoreTime(levels[0], root), last, "the time of the layer's directory");
  }

  /** Closes what is open; after a failure the tree is of no use. */
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
