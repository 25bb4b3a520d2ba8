package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.FuseFileSystem;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The open files whose name was removed.
 *
 * <p>libfuse 2 can treat them in two ways. With {@code hard_remove} the name is removed at once,
 * and from then on the library itself answers ENOENT to every fstat, fchmod or fgetxattr on the
 * open file, because the kernel sends those without a handle and there is no path. Without it the
 * library renames the file to {@code .fuse_hidden} and 16 hexadecimal digits, and removes that name
 * when the file is closed. If this were carried out it would litter directories, keep them from
 * being removed, and lose data when the daemon dies.
 *
 * <p>So {@code hard_remove} is not used, and the rename is never carried out: the real name is
 * removed, and this class maps the hidden name to the nodeid of the file, with a counted lookup.
 * The number in the hidden name is chosen by libfuse and used once during a mount, so it serves as
 * the key, even if the directory is renamed. Attributes of a removed directory, and of a file in
 * one, remain unavailable: libfuse has no path for these at all.
 */
final class Orphans {
  private static final byte[] PREFIX = {'.', 'f', 'u', 's', 'e', '_', 'h', 'i', 'd', 'd', 'e', 'n'};
  private static final int DIGITS = 16;

  private final FuseFileSystem fileSystem;
  private final Map<Long, Orphan> byNumber = new LinkedHashMap<>();

  /**
   * Whether there are no orphans. It is read without the lock, since every operation reads it and
   * there are rarely any.
   */
  private volatile boolean isEmpty = true;

  Orphans(FuseFileSystem fileSystem) {
    this.fileSystem = fileSystem;
  }

  /** A file that libfuse believes to be hidden. */
  static final class Orphan extends NodeReference {
    private final long number;

    /** Whether the file still has the name that is about to be removed, see {@link Orphans#add}. */
    private boolean isNamed;

    /** Whether libfuse does not believe the file to be hidden any more. */
    private boolean isClosed;

    Orphan(long number, long nodeid) {
      super(nodeid);
      this.number = number;
    }
  }

  /** Returns true if a name has the form of libfuse's hidden names. */
  static boolean isHiddenName(byte[] name) {
    if (name.length != PREFIX.length + DIGITS) {
      return false;
    }
    for (int i = 0; i < name.length; i++) {
      boolean fits = i < PREFIX.length ? name[i] == PREFIX[i] : Character.digit(name[i], 16) >= 0;
      if (!fits) {
        return false;
      }
    }
    return true;
  }

  /**
   * Adds a file under the name that libfuse will use, and takes over one lookup of it.
   *
   * @param isNamed whether the file keeps its real name until a rename has replaced it. If the
   *     rename fails the file keeps that name. libfuse then knows the kernel's entry by the hidden
   *     name only, so the hidden name must still lead to the file, even when it is closed.
   */
  synchronized Orphan add(byte[] hiddenName, long nodeid, boolean isNamed) {
    Orphan orphan = new Orphan(number(hiddenName), nodeid);
    orphan.isNamed = isNamed;
    byNumber.put(orphan.number, orphan);
    isEmpty = false;
    return orphan;
  }

  /**
   * Finds a file, which the caller releases. Returns null for any other name, and in a request
   * about any other node: a user could guess the name and make a file of that name.
   */
  Orphan acquire(byte[] name) {
    if (isEmpty || !isHiddenName(name)) {
      return null;
    }
    Request request = Request.current();
    if (request != null && !request.isAbout(number(name) >>> Integer.SIZE)) {
      return null;
    }
    synchronized (this) {
      Orphan orphan = byNumber.get(number(name));
      if (orphan != null) {
        orphan.acquire();
      }
      return orphan;
    }
  }

  void release(Orphan orphan) {
    if (orphan.release()) {
      fileSystem.forget(orphan.nodeid(), 1);
    }
  }

  /** Records that a rename has replaced the name of a file. */
  void replaced(Orphan orphan) {
    synchronized (this) {
      orphan.isNamed = false;
      if (!orphan.isClosed) {
        return;
      }
      byNumber.remove(orphan.number);
      isEmpty = byNumber.isEmpty();
    }
    drop(orphan);
  }

  /** Removes a file whose hidden name libfuse removes because it is not open any more. */
  void remove(byte[] hiddenName) {
    Orphan orphan;
    synchronized (this) {
      orphan = byNumber.get(number(hiddenName));
      if (orphan == null) {
        return;
      }
      if (orphan.isNamed) {
        orphan.isClosed = true;
        return;
      }
      byNumber.remove(orphan.number);
      isEmpty = byNumber.isEmpty();
    }
    drop(orphan);
  }

  /**
   * Removes a file that has just been closed for the last time. libfuse cannot remove a hidden name
   * in a removed directory.
   */
  void removeClosed(long nodeid) {
    List<Orphan> closed = new ArrayList<>();
    synchronized (this) {
      for (Iterator<Orphan> all = byNumber.values().iterator(); all.hasNext(); ) {
        Orphan orphan = all.next();
        if (orphan.nodeid() == nodeid && !orphan.isNamed) {
          all.remove();
          closed.add(orphan);
        }
      }
      isEmpty = byNumber.isEmpty();
    }
    closed.forEach(this::drop);
  }

  boolean isEmpty() {
    return isEmpty;
  }

  /**
   * Returns true for a node that libfuse believes to be hidden: it subtracts the hidden name from
   * the link count in its reply to GETATTR.
   *
   * @param libfuseNode libfuse's number of a node, which is the upper half of the number in the
   *     hidden name
   */
  synchronized boolean isHidden(long libfuseNode) {
    for (Orphan orphan : byNumber.values()) {
      if (orphan.number >>> 32 == libfuseNode && !orphan.isClosed) {
        return true;
      }
    }
    return false;
  }

  /** Removes all files and gives their lookups back. */
  void clear() {
    List<Orphan> all;
    synchronized (this) {
      all = new ArrayList<>(byNumber.values());
      byNumber.clear();
      isEmpty = true;
    }
    all.forEach(this::drop);
  }

  private void drop(Orphan orphan) {
    if (orphan.drop()) {
      fileSystem.forget(orphan.nodeid(), 1);
    }
  }

  private static long number(byte[] hiddenName) {
    long number = 0;
    for (int i = PREFIX.length; i < hiddenName.length; i++) {
      number = number << 4 | Character.digit(hiddenName[i], 16);
    }
    return number;
  }
}
