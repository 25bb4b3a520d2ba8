package dev.lamina.differential;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import java.util.Arrays;
import java.util.function.IntToLongFunction;

/** One side as operations see it: the mount, open handles, and who acts. */
final class World implements AutoCloseable {
  /** Handles that can be open at once. */
  static final int SLOTS = 3;

  /** Ends the data of a program that is still what it was when the descriptor was opened. */
  static final String AS_WHEN_OPENED = ", as when opened";

  private static final int EXECUTE = 0111;
  private static final int WALK = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;

  private final MountedSide side;
  private final Identity identity;
  private final FileFacts reader = new FileFacts();
  private final World reference;
  private final Abilities subject;
  private final int[] handles = new int[SLOTS];
  private final boolean[] maybeLower = new boolean[SLOTS];
  private final long[] handleInodes = new long[SLOTS];
  private final boolean[] setidLost = new boolean[SLOTS];

  /** What programs open for reading alone held then. */
  private final byte[][] programs = new byte[SLOTS][];

  /**
   * Takes ownership of {@code side}.
   *
   * @param reference where each operation is made first; null when that is this one
   * @param subject what the other side, or this one, can do
   */
  World(MountedSide side, Identity identity, World reference, Abilities subject) {
    this.side = side;
    this.identity = identity;
    this.reference = reference;
    this.subject = subject;
    Arrays.fill(handles, -1);
  }

  Identity identity() {
    return identity;
  }

  FileFacts reader() {
    return reader;
  }

  int rootFd() {
    return side.rootFd();
  }

  /** A call on (directory descriptor, name). */
  interface NamedCall {
    long on(int dirfd, byte[] name);
  }

  /** A call on two names. */
  interface RenameCall {
    long on(int fromDirfd, byte[] fromName, int toDirfd, byte[] toName);
  }

  /**
   * Walks to a place's directory component by component, following no link, and makes a call there;
   * the call's value, or the walk's negative errno.
   */
  long at(Location place, NamedCall call) {
    int dirfd = openParent(place);
    if (dirfd < 0) {
      return dirfd;
    }
    try {
      return call.on(dirfd, place.lastName());
    } finally {
      Linux.close(dirfd);
    }
  }

  long at(Location from, Location to, RenameCall call) {
    return at(
        from,
        (fromDirfd, fromName) ->
            at(to, (toDirfd, toName) -> call.on(fromDirfd, fromName, toDirfd, toName)));
  }

  private int openParent(Location place) {
    int fd = Linux.openat(side.rootFd(), Names.bytes("."), WALK, 0);
    for (String name : place.parent().names()) {
      if (fd < 0) {
        return fd;
      }
      int next = Linux.openat(fd, Names.bytes(name), WALK, 0);
      Linux.close(fd);
      fd = next;
    }
    return fd;
  }

  /**
   * openat(2), or from the root, which no link leaves, openat2(2) where links are to be followed;
   * the descriptor or the negative errno. ENXIO where it is one of several names of a fifo, which a
   * mount that finds files by path takes for several fifos.
   */
  long open(Location place, int flags, int mode) {
    if (!subject.byInode() && at(place, World::isSeveralFifos) == 1) {
      return -Errno.ENXIO;
    }
    return (flags & OpenFlags.O_NOFOLLOW) != 0
        ? at(place, (dir, name) -> Linux.openat(dir, name, flags, mode))
        : openFollowing(place, flags, mode);
  }

  private static long isSeveralFifos(int dirfd, byte[] name) {
    Stat stat = new Stat();
    int result = Linux.statx(dirfd, name, stat);
    return result == 0 && Mode.type(stat.mode) == Mode.S_IFIFO && stat.nlink > 1 ? 1 : 0;
  }

  private long openFollowing(Location place, int flags, int mode) {
    byte[] path = Names.bytes(place.names().isEmpty() ? "." : String.join("/", place.names()));
    int usedMode = (flags & OpenFlags.O_CREAT) == 0 ? 0 : mode;
    long resolve = Linux.RESOLVE_IN_ROOT;
    int fd = Linux.openat2(side.rootFd(), path, flags, usedMode, resolve);
    while (fd == -Errno.EAGAIN) {
      // A rename anywhere on the machine makes the kernel give up on "..".
      fd = Linux.openat2(side.rootFd(), path, flags, usedMode, resolve);
    }
    return fd;
  }

  /** The inode number at a place, or the negative errno. */
  long inode(Location place) {
    Stat stat = new Stat();
    long result = at(place, (dirfd, name) -> Linux.statx(dirfd, name, stat));
    return result < 0 ? result : stat.ino;
  }

  /** The descriptor in a slot; -1, for which calls answer EBADF, when it is empty. */
  int handle(int slot) {
    return handles[slot];
  }

  /** Puts a descriptor, opened with {@code flags}, into a slot, whose previous one is closed. */
  void keep(int slot, int fd, int flags) {
    closeHandle(slot);
    handles[slot] = fd;
    Stat stat = new Stat();
    boolean copiedUp =
        Linux.fstat(fd, stat) == 0 && stat.isRegular() && OpenFlags.isWritable(flags);
    maybeLower[slot] = !copiedUp;
    handleInodes[slot] = 0;
    boolean isProgram = stat.isRegular() && (stat.mode & EXECUTE) != 0;
    programs[slot] = isProgram && !copiedUp ? reader.contents(fd) : null;
  }

  /** Reads by a descriptor; tells of a program that it is what was there when it was opened. */
  String read(int slot, long offset, int size) {
    String data = reader.data(handles[slot], offset, size);
    byte[] program = programs[slot];
    if (handles[slot] < 0 || program == null) {
      return data;
    }
    int start = (int) Math.min(offset, program.length);
    int end = (int) Math.min((long) start + size, program.length);
    return data.equals(FileFacts.data(program, start, end)) ? data + AS_WHEN_OPENED : data;
  }

  /**
   * True where changing a file's attributes by its descriptor is not to be compared: it is not a
   * regular file open for writing, so that it may be a lower one, and has no name any more.
   * Overlayfs (index=off) then copies it up to where its name was, and the name is back. To a mount
   * that finds files by path, no file without its name can be changed so.
   */
  boolean isLost(int slot) {
    if (reference != null) {
      return reference.isLost(slot);
    }
    if (handles[slot] < 0 || subject.byInode() && !maybeLower[slot]) {
      return false;
    }
    byte[] link = Names.bytes("/proc/self/fd/" + handles[slot]);
    return reader.linkTarget(Linux.AT_FDCWD, link).endsWith("\\x20(deleted)");
  }

  /**
   * Writes by a descriptor; without a result where it {@link #isLost} and the kernel may have to
   * take setuid or setgid away first, which to a mount that finds files by path is a change of
   * attributes.
   */
  Facts writeByHandle(int slot, IntToLongFunction write) {
    return isSetidLost(slot)
        ? new Facts().put("skipped", "setuid or setgid without a name")
        : Facts.ofResult(write.applyAsLong(handles[slot]));
  }

  private boolean isSetidLost(int slot) {
    if (reference != null) {
      // As it was there before it wrote, which may have taken the bits away.
      return reference.setidLost[slot];
    }
    Stat stat = new Stat();
    boolean hasSetid =
        !subject.byInode()
            && handles[slot] >= 0
            && Linux.fstat(handles[slot], stat) == 0
            && (stat.mode & (Mode.S_ISUID | Mode.S_ISGID)) != 0;
    setidLost[slot] = hasSetid && isLost(slot);
    return setidLost[slot];
  }

  /** Makes a change by a descriptor; without a result where it {@link #isLost}. */
  Facts changeByHandle(int slot, IntToLongFunction change) {
    return isLost(slot)
        ? new Facts().put("skipped", "no name")
        : Facts.ofResult(change.applyAsLong(handles[slot]));
  }

  /** Closes the descriptor in a slot. */
  long closeHandle(int slot) {
    int fd = handles[slot];
    handles[slot] = -1;
    return fd < 0 ? -Errno.EBADF : Linux.close(fd);
  }

  /** True unless the handle had another inode number when this was last asked. */
  boolean inodeKept(int slot, long ino) {
    boolean kept = handleInodes[slot] == 0 || handleInodes[slot] == ino;
    handleInodes[slot] = ino;
    return kept;
  }

  /** Closes the handles, unmounts and mounts again, as root. */
  void remount() {
    identity.asRoot(
        () -> {
          closeHandles();
          side.remount();
        });
  }

  /** The whole tree, seen by root. */
  TreeImage view() {
    TreeImage[] image = new TreeImage[1];
    identity.asRoot(() -> image[0] = TreeImage.ofView(side.rootFd(), reader));
    return image[0];
  }

  private void closeHandles() {
    for (int slot = 0; slot < SLOTS; slot++) {
      closeHandle(slot);
    }
  }

  @Override
  public void close() {
    identity.asRoot(
        () -> {
          closeHandles();
          side.close();
        });
  }
}
