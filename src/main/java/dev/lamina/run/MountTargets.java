package dev.lamina.run;

import dev.lamina.sys.Linux;
import dev.lamina.sys.Stat;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What was made in a root file system only to mount something over it. It is no change of the
 * user's: in the end it is removed, where it is still what was made, and the directory it was in
 * gets its modification time back, where nobody else has changed that. A layer with a copy of that
 * directory then says nothing that the layers below it do not.
 */
final class MountTargets {
  /**
   * Something made.
   *
   * @param parent its directory, a descriptor (O_PATH) that is held until the end: what the command
   *     renames meanwhile does not matter
   * @param before the directory, before this was made
   * @param after the directory afterwards
   */
  private record Made(int parent, byte[] name, Stat itself, Stat before, Stat after) {}

  /** The last one first, so that a directory comes after what is in it. */
  private final Deque<Made> all = new ArrayDeque<>();

  /**
   * Remembers an object that was just made.
   *
   * @param parent its directory, which stays the caller's
   * @param before that directory, before the object was made
   */
  void add(int parent, byte[] name, Stat before) {
    Stat itself = new Stat();
    Stat after = new Stat();
    if (Linux.statx(parent, name, itself) < 0 || Linux.fstat(parent, after) < 0) {
      // It has gone again already.
      return;
    }
    int held = Linux.fcntl(parent, Linux.F_DUPFD_CLOEXEC, 0);
    if (held >= 0) {
      all.push(new Made(held, name, itself, before, after));
    }
  }

  /** Removes them. The command must have ended. */
  void remove() {
    while (!all.isEmpty()) {
      Made made = all.pop();
      remove(made);
      Linux.close(made.parent);
    }
  }

  private static void remove(Made made) {
    Stat now = new Stat();
    Stat parent = new Stat();
    if (Linux.statx(made.parent, made.name, now) < 0
        || !isStill(made.itself, now)
        || Linux.fstat(made.parent, parent) < 0) {
      return;
    }
    int flags = now.isDirectory() ? Linux.AT_REMOVEDIR : 0;
    // A directory with something in it stays.
    if (Linux.unlinkat(made.parent, made.name, flags) == 0) {
      Stat time = haveSameTime(parent, made.after) ? made.before : parent;
      int none = Linux.UTIME_OMIT;
      Linux.utimensat(made.parent, Linux.EMPTY, 0, none, time.mtimeSeconds, time.mtimeNanos);
    }
  }

  private static boolean isStill(Stat made, Stat now) {
    return made.ino == now.ino
        && made.mode == now.mode
        && made.uid == now.uid
        && made.gid == now.gid
        && (now.isDirectory() || now.size == 0 && now.nlink == 1)
        && haveSameTime(made, now);
  }

  private static boolean haveSameTime(Stat one, Stat other) {
    return one.mtimeSeconds == other.mtimeSeconds && one.mtimeNanos == other.mtimeNanos;
  }
}
