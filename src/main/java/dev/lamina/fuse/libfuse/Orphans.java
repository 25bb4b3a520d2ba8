package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.FuseFileSystem;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Files that are open but have lost the name they were opened by.
 *
 * <p>libfuse 2 has two ways with them. With {@code hard_remove} the name goes at once, and from
 * then on the library itself answers ENOENT to every fstat, fchmod or fgetxattr on the open file,
 * because the kernel sends those without a handle and there is no path. Without it the library
 * renames the file to {@code .fuse_hidden} and 16 hexadecimal digits, and removes that when the
 * file is closed; left alone this litters directories, keeps them from being removed, and loses
 * data when the daemon dies.
 *
 * <p>So it is run without {@code hard_remove}, and that rename is never carried out: the real name
 * is removed, and here the hidden one is remembered for the file's nodeid with a counted lookup.
 * The number in it is libfuse's own and is used once in the life of a mount, so it is the key,
 * wherever the directory goes. What remains impossible is to ask for attributes of a removed
 * directory and of a file in one: libfuse has no path for these at all.
 */
final class Orphans {
  private static final byte[] PREFIX = {'.', 'f', 'u', 's', 'e', '_', 'h', 'i', 'd', 'd', 'e', 'n'};
  private static final int DIGITS = 16;

  private final FuseFileSystem fileSystem;
  private final Map<Long, Orphan> byNumber = new LinkedHashMap<>();

  /** Read without the lock: nearly always there is none, and every path asks. */
  private volatile boolean isEmpty = true;

  Orphans(FuseFileSystem fileSystem) {
    this.fileSystem = fileSystem;
  }

  /** A file that libfuse takes to be hidden. */
  static final class Orphan extends NodeReference {
    private final long number;

    /** It still has the name that it is about to lose: see {@link Orphans#add}. */
    private boolean isNamed;

    /** libfuse does not take it to be hidden any more. */
    private boolean isClosed;

    Orphan(long number, long nodeid) {
      super(nodeid);
      this.number = number;
    }
  }

  /** True when the name has the form of those that libfuse makes up. */
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
   * Adds a file under the name that libfuse will use, taking over one lookup of it.
   *
   * @param isNamed whether it keeps its real name until a rename has replaced that. If the rename
   *     fails it keeps the name for good. For the kernel's entry libfuse has only the hidden name
   *     left, so this must go on leading to the file, also when it is closed.
   */
  synchronized Orphan add(byte[] hiddenName, long nodeid, boolean isNamed) {
    Orphan orphan = new Orphan(number(hiddenName), nodeid);
    orphan.isNamed = isNamed;
    byNumber.put(orphan.number, orphan);
    isEmpty = false;
    return orphan;
  }

  /**
   * Finds a file; the caller releases it. Null for any other name, and for a request about any
   * other node: the name could be guessed, and a file of that name made.
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

  /** Says that a rename has taken the name that the file was added with. */
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

  /** Takes a file out because libfuse removes its hidden name: it is not open any more. */
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
   * Takes out what is left of a file that has just been closed for the last time. libfuse cannot
   * remove a hidden name whose directory is gone.
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
   * True for a node that libfuse takes to be hidden: of the link count in answer to GETATTR it
   * takes off one, for the hidden name that it believes in.
   *
   * @param libfuseNode libfuse's own number for a node, which stands in the upper half of the
   *     name's
   */
  synchronized boolean isHidden(long libfuseNode) {
    for (Orphan orphan : byNumber.values()) {
      if (orphan.number >>> 32 == libfuseNode && !orphan.isClosed) {
        return true;
      }
    }
    return false;
  }

  /** Gives everything back. */
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
