package dev.lamina.image.layer;

import dev.lamina.image.layer.Change.Kind;
import dev.lamina.layer.LayerDirectory;
import dev.lamina.layer.Merge;
import dev.lamina.layer.MergedListing;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Stat;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * Walks two merged trees, a newer and an older one, and reports how the newer one differs.
 *
 * <p>A merged directory is made up of real directories. The lowest ones, which both trees have in
 * common, show the same in both trees unless a directory above them holds or hides a name. So only
 * the names in the other directories are examined: for a mount, the names in the upper; for two
 * images, those in the layers that they do not share.
 *
 * <p>Directories come before their contents, and the names in a directory in bytewise order. A
 * directory that has not changed itself is reported only when something below it has. Neither the
 * stack nor the number of descriptors limits the depth or the number of directories.
 *
 * <p>The trees may change during the walk: what is gone when it is examined counts as missing. A
 * tree that a mount changes may be seen in states of different moments.
 */
final class TreeComparison {
  /**
   * Receives the differences. Paths are relative to the root, which has the empty path. An
   * exception ends the walk.
   */
  interface Visitor {
    /**
     * Reports a directory that is new, changed, or has changes below it.
     *
     * @param isReplacement true when everything in it is reported as new, and nothing is left of an
     *     older directory of the same path
     */
    void directory(byte[] path, TreeObject newer, Kind kind, boolean isReplacement)
        throws IOException, ErrnoException;

    /** Reports any other object that is new or changed. */
    void object(byte[] path, TreeObject newer, Kind kind) throws IOException, ErrnoException;

    /** Reports a name that the newer tree does not have. */
    void deleted(byte[] directory, byte[] name) throws IOException;
  }

  /**
   * How differences are reported.
   *
   * @param replaces whether a directory that is not the older one with additions is reported as a
   *     new one, as in layers, and not compared name by name
   * @param deletionsFirst whether the deleted names of a directory come before all others in it
   */
  record Rules(boolean replaces, boolean deletionsFirst) {}

  private static final LayerDirectory[] NONE = {};

  /**
   * A directory that is being walked. It owns the references to the real directories that make it
   * up.
   */
  private static final class Frame {
    final byte[] path;
    final TreeObject object;
    final Kind kind;
    final LayerDirectory[] newer;
    LayerDirectory[] older;
    Iterator<Candidate> names = Collections.emptyIterator();
    boolean isReplacement;
    boolean isReported;

    Frame(
        byte[] path, TreeObject object, Kind kind, LayerDirectory[] newer, LayerDirectory[] older) {
      this.path = path;
      this.object = object;
      this.kind = kind;
      this.newer = newer;
      this.older = older;
    }

    void forgetOlder() {
      Merge.drop(older);
      older = NONE;
    }

    void drop() {
      Merge.drop(newer);
      forgetOlder();
    }
  }

  /**
   * A name to examine.
   *
   * @param newerFrom the first of the newer directories that can hold or hide it
   * @param olderFrom the same of the older ones
   * @param isShown true when the newer directories show it
   */
  private record Candidate(byte[] name, int newerFrom, int olderFrom, boolean isShown) {}

  private final Merge newerMerge;
  private final Merge olderMerge;
  private final ObjectComparison comparison;
  private final Rules rules;
  private final Visitor visitor;

  /** The directories from the one that is being walked, which is the first, up to the root. */
  private final Deque<Frame> frames = new ArrayDeque<>();

  /** The name that is examined in the first of them, for the message of an error. */
  private byte[] name = {};

  /**
   * @param comparison is not closed
   */
  TreeComparison(
      Merge newerMerge,
      Merge olderMerge,
      ObjectComparison comparison,
      Rules rules,
      Visitor visitor) {
    this.newerMerge = newerMerge;
    this.olderMerge = olderMerge;
    this.comparison = comparison;
    this.rules = rules;
    this.visitor = visitor;
  }

  /**
   * Walks the trees.
   *
   * @param newerFrom the index of the topmost layer of the newer tree
   * @param olderFrom the same of the older tree, which does not exist where there is no such layer
   * @throws IOException with the path that could not be read
   */
  void walk(int newerFrom, int olderFrom) throws IOException {
    try {
      pushRoot(newerFrom, olderFrom);
      enterRoot(frames.peek());
      while (!frames.isEmpty()) {
        Frame frame = frames.peek();
        if (frame.names.hasNext()) {
          examine(frame, frame.names.next());
        } else {
          frames.pop().drop();
        }
      }
    } catch (ErrnoException e) {
      byte[] directory = frames.isEmpty() ? Linux.EMPTY : frames.peek().path;
      throw TreePath.unreadable(TreePath.join(directory, name), e);
    } finally {
      frames.forEach(Frame::drop);
      frames.clear();
    }
  }

  private void pushRoot(int newerFrom, int olderFrom) throws ErrnoException {
    LayerDirectory[] newer = newerMerge.root(newerFrom);
    try {
      LayerDirectory[] older = olderMerge.root(olderFrom);
      Kind kind = older.length == 0 ? Kind.ADDED : Kind.CHANGED;
      frames.push(new Frame(name, root(newerMerge, newer), kind, newer, older));
    } catch (ErrnoException e) {
      Merge.drop(newer);
      throw e;
    }
  }

  private static TreeObject root(Merge merge, LayerDirectory[] directories) {
    return new TreeObject(merge, directories, 0, Linux.EMPTY, new Stat());
  }

  private void enterRoot(Frame frame) throws IOException, ErrnoException {
    ErrnoException.check(frame.newer[0].stat(Linux.EMPTY, frame.object.stat()));
    TreeObject older = null;
    if (frame.older.length > 0) {
      older = root(olderMerge, frame.older);
      ErrnoException.check(frame.older[0].stat(Linux.EMPTY, older.stat()));
    }
    enter(frame, older);
  }

  private void examine(Frame frame, Candidate candidate) throws IOException, ErrnoException {
    name = candidate.name();
    try {
      compare(frame, candidate);
    } catch (ErrnoException e) {
      // The object or its directory was removed after it was found; nothing has been reported of it
      // then.
      if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR) {
        throw e;
      }
    }
  }

  private void compare(Frame frame, Candidate candidate) throws IOException, ErrnoException {
    Stat stat = new Stat();
    int index = newerMerge.find(frame.newer, candidate.newerFrom(), name, stat);
    TreeObject older = findOlder(frame, candidate);
    if (index < 0) {
      if (older != null && !rules.deletionsFirst()) {
        reportDirectories();
        visitor.deleted(frame.path, name);
      }
      return;
    }
    TreeObject newer = new TreeObject(newerMerge, frame.newer, index, name, stat);
    Kind kind = older == null ? Kind.ADDED : Kind.CHANGED;
    if (stat.isDirectory()) {
      push(frame, newer, older, kind);
    } else if (older == null || !comparison.areSame(newer, older)) {
      reportDirectories();
      visitor.object(TreePath.join(frame.path, name), newer, kind);
    }
  }

  private TreeObject findOlder(Frame frame, Candidate candidate) throws ErrnoException {
    Stat stat = new Stat();
    byte[] wanted = candidate.name();
    int index = olderMerge.find(frame.older, candidate.olderFrom(), wanted, stat);
    return index < 0 ? null : new TreeObject(olderMerge, frame.older, index, wanted, stat);
  }

  private void push(Frame parent, TreeObject newer, TreeObject older, Kind kind)
      throws IOException, ErrnoException {
    LayerDirectory[] newerParts =
        newerMerge.contributors(parent.newer, newer.index(), newer.name());
    LayerDirectory[] olderParts = NONE;
    try {
      if (older != null && older.stat().isDirectory()) {
        olderParts = olderMerge.contributors(parent.older, older.index(), older.name());
      }
    } catch (ErrnoException | RuntimeException e) {
      Merge.drop(newerParts);
      throw e;
    }
    byte[] path = TreePath.join(parent.path, newer.name());
    Frame frame = new Frame(path, newer, kind, newerParts, olderParts);
    frames.push(frame);
    name = Linux.EMPTY;
    enter(frame, older);
  }

  /**
   * Begins the first of the frames: reports its directory if that has changed itself, and lists it.
   */
  private void enter(Frame frame, TreeObject older) throws IOException, ErrnoException {
    int common = commonEnd(frame.newer, frame.older);
    int newerCount = frame.newer.length - common;
    int olderCount = frame.older.length - common;
    if (newerCount == 0 && olderCount == 0) {
      return;
    }
    if (rules.replaces() && olderCount > 0) {
      frame.isReplacement = true;
      frame.forgetOlder();
      newerCount = frame.newer.length;
      olderCount = 0;
    }
    if (frame.isReplacement || older == null || !comparison.areSame(frame.object, older)) {
      reportDirectories();
    }
    // The root is not reported for changes below it.
    frame.isReported |= frames.size() == 1;
    List<Candidate> candidates = candidates(frame, newerCount, olderCount);
    if (rules.deletionsFirst()) {
      reportDeletions(frame, candidates);
    }
    frame.names = candidates.iterator();
  }

  /** Returns how many real directories, from the last one up, are the same. */
  private static int commonEnd(LayerDirectory[] some, LayerDirectory[] others)
      throws ErrnoException {
    int most = Math.min(some.length, others.length);
    int count = 0;
    Stat one = new Stat();
    Stat other = new Stat();
    while (count < most) {
      ErrnoException.check(some[some.length - 1 - count].stat(Linux.EMPTY, one));
      ErrnoException.check(others[others.length - 1 - count].stat(Linux.EMPTY, other));
      if (one.ino != other.ino || one.dev != other.dev) {
        break;
      }
      count++;
    }
    return count;
  }

  /** Returns the names that the first real directories of both trees hold or hide, sorted. */
  private static List<Candidate> candidates(Frame frame, int newerCount, int olderCount)
      throws ErrnoException {
    List<MergedListing.Name> newer = MergedListing.decided(frame.newer, newerCount);
    List<MergedListing.Name> older = MergedListing.decided(frame.older, olderCount);
    List<Candidate> all = new ArrayList<>(newer.size() + older.size());
    int i = 0;
    int j = 0;
    while (i < newer.size() || j < older.size()) {
      int order = i == newer.size() ? 1 : j == older.size() ? -1 : compare(newer, i, older, j);
      MergedListing.Name one = order <= 0 ? newer.get(i++) : null;
      MergedListing.Name other = order >= 0 ? older.get(j++) : null;
      all.add(
          new Candidate(
              one != null ? one.bytes() : other.bytes(),
              one != null ? one.source() : newerCount,
              other != null ? other.source() : olderCount,
              one != null && one.isShown()));
    }
    return all;
  }

  private static int compare(
      List<MergedListing.Name> newer, int i, List<MergedListing.Name> older, int j) {
    return Arrays.compareUnsigned(newer.get(i).bytes(), older.get(j).bytes());
  }

  private void reportDeletions(Frame frame, List<Candidate> candidates)
      throws IOException, ErrnoException {
    Stat stat = new Stat();
    for (Candidate candidate : candidates) {
      name = candidate.name();
      if (!candidate.isShown()
          && newerMerge.find(frame.newer, candidate.newerFrom(), name, stat) < 0
          && findOlder(frame, candidate) != null) {
        reportDirectories();
        visitor.deleted(frame.path, name);
      }
    }
  }

  /** Reports the directories down to the first of the frames that have not been reported yet. */
  private void reportDirectories() throws IOException, ErrnoException {
    if (frames.peek().isReported) {
      return;
    }
    Iterator<Frame> fromRoot = frames.descendingIterator();
    while (fromRoot.hasNext()) {
      Frame frame = fromRoot.next();
      if (!frame.isReported) {
        visitor.directory(frame.path, frame.object, frame.kind, frame.isReplacement);
        frame.isReported = true;
      }
    }
  }
}
