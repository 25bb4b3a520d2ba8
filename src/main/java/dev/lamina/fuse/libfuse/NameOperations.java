package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.SetattrRequest;
import dev.lamina.fuse.wire.Opcode;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;
import java.util.Arrays;

/**
 * libfuse's operations on paths: names, attributes and extended attributes. Each has the name and
 * the arguments of its member in {@code struct fuse_operations}, and returns 0 or a length.
 */
final class NameOperations {
  private static final int UNCHANGED = -1;

  private final FuseFileSystem fileSystem;
  private final MountState state;

  private final Channel channel;

  NameOperations(MountState state, Channel channel) {
    this.fileSystem = state.fileSystem();
    this.state = state;
    this.channel = channel;
  }

  int getattr(Request request, long path, long stat) throws ErrnoException {
    PathWalker walker = request.walker;
    byte[] bytes = Memory.getCString(path);
    try {
      if (namesItsObject(request.opcode())) {
        walker.startName(bytes);
      } else {
        walker.start(bytes);
      }
      long nodeid = walker.lookup();
      if (walker.isRoot() || walker.isOrphan()) {
        fileSystem.getattr(request.context, nodeid, FuseFileSystem.NO_HANDLE, request.attributes);
        StatLayout.write(stat, restoreLinkCount(request, request.attributes.stat));
        request.attrValidSeconds = request.attributes.attrValidSeconds;
      } else {
        StatLayout.write(stat, walker.entry().stat);
        request.attrValidSeconds = walker.entry().attrValidSeconds;
        request.entryValidSeconds = walker.entry().entryValidSeconds;
      }
      return 0;
    } catch (ErrnoException e) {
      request.entryValidSeconds = walker.negativeValidSeconds();
      throw e;
    } finally {
      walker.finish();
    }
  }

  /**
   * Returns whether libfuse asks for attributes by a name that the caller gave, in LOOKUP, or by
   * one under which it wants to hide a file. Neither may lead to a hidden file.
   */
  private static boolean namesItsObject(int opcode) {
    return opcode == Opcode.LOOKUP || opcode == Opcode.UNLINK || opcode == Opcode.RENAME;
  }

  /**
   * Adds one to the link count of a hidden file with other names, because libfuse will subtract
   * one.
   */
  Stat restoreLinkCount(Request request, Stat stat) {
    if (stat.nlink > 0
        && request.opcode() == Opcode.GETATTR
        && !state.orphans().isEmpty()
        && state.orphans().isHidden(request.libfuseNode())) {
      stat.nlink++;
    }
    return stat;
  }

  int readlink(Request request, long path, long buffer, long size) throws ErrnoException {
    PathWalker walker = request.walker;
    try {
      walker.start(Memory.getCString(path));
      int length = fileSystem.readlink(request.context, walker.lookup(), buffer, (int) size - 1);
      Memory.putByte(buffer + length, (byte) 0);
      return 0;
    } finally {
      walker.finish();
    }
  }

  int mknod(Request request, long path, long mode, long rdev) throws ErrnoException {
    PathWalker walker = request.walker;
    try {
      walker.startName(Memory.getCString(path));
      long parent = walker.parent();
      fileSystem.mknod(
          request.context, parent, walker.name(), (int) mode, rdev & 0xffffffffL, request.entry);
      forget(request.entry);
      return 0;
    } finally {
      walker.finish();
    }
  }

  int mkdir(Request request, long path, long mode) throws ErrnoException {
    PathWalker walker = request.walker;
    try {
      walker.startName(Memory.getCString(path));
      int permissions = (int) mode & Mode.PERMISSIONS;
      long parent = walker.parent();
      fileSystem.mkdir(request.context, parent, walker.name(), permissions, request.entry);
      forget(request.entry);
      return 0;
    } finally {
      walker.finish();
    }
  }

  int symlink(Request request, long target, long path) throws ErrnoException {
    PathWalker walker = request.walker;
    try {
      walker.startName(Memory.getCString(path));
      byte[] targetBytes = Memory.getCString(target);
      long parent = walker.parent();
      fileSystem.symlink(request.context, parent, walker.name(), targetBytes, request.entry);
      forget(request.entry);
      return 0;
    } finally {
      walker.finish();
    }
  }

  int link(Request request, long path, long newPath) throws ErrnoException {
    PathWalker walker = request.walker;
    PathWalker newWalker = request.secondWalker;
    try {
      walker.start(Memory.getCString(path));
      newWalker.startName(Memory.getCString(newPath));
      long nodeid = walker.lookup();
      long newParent = newWalker.parent();
      fileSystem.link(request.context, nodeid, newParent, newWalker.name(), request.entry);
      state.cachePolicy().linked(request.entry.stat.ino, request.linkedNode());
      channel.expireAttributes(request.linkedNode());
      forget(request.entry);
      return 0;
    } finally {
      walker.finish();
      newWalker.finish();
    }
  }

  /**
   * Removes a name. libfuse also calls this operation to remove the name of a hidden file when that
   * has been closed.
   */
  int unlink(Request request, long path) throws ErrnoException {
    byte[] bytes = Memory.getCString(path);
    PathWalker walker = request.walker;
    if (request.opcode() != Opcode.UNLINK) {
      state.orphans().remove(lastComponent(bytes));
      return 0;
    }
    try {
      walker.startName(bytes);
      fileSystem.unlink(request.context, walker.parent(), walker.name());
      return 0;
    } finally {
      walker.finish();
    }
  }

  int rmdir(Request request, long path) throws ErrnoException {
    byte[] bytes = Memory.getCString(path);
    PathWalker walker = request.walker;
    try {
      walker.startName(bytes);
      long parent = walker.parent();
      state.directories().remove(bytes);
      fileSystem.rmdir(request.context, parent, walker.name());
      return 0;
    } finally {
      walker.finish();
    }
  }

  /**
   * Renames an object. libfuse also calls this operation to hide an open file before UNLINK or
   * RENAME removes its name.
   */
  int rename(Request request, long path, long newPath) throws ErrnoException {
    byte[] bytes = Memory.getCString(path);
    byte[] newBytes = Memory.getCString(newPath);
    if (request.opcode() == Opcode.UNLINK || isHiding(request, newBytes)) {
      return hide(request, bytes, lastComponent(newBytes));
    }
    PathWalker walker = request.walker;
    PathWalker newWalker = request.secondWalker;
    try {
      walker.startName(bytes);
      newWalker.startName(newBytes);
      long parent = walker.parent();
      long newParent = newWalker.parent();
      state.directories().removeTree(bytes);
      state.directories().removeTree(newBytes);
      fileSystem.rename(request.context, parent, walker.name(), newParent, newWalker.name(), 0);
      if (request.displaced != null) {
        state.orphans().replaced(request.displaced);
        removeIfClosed(request.displaced);
      }
      return 0;
    } finally {
      walker.finish();
      newWalker.finish();
    }
  }

  private static boolean isHiding(Request request, byte[] newPath) {
    byte[] name = lastComponent(newPath);
    return Orphans.isHiddenName(name)
        && request.opcode() == Opcode.RENAME
        && !Arrays.equals(name, request.renameTarget());
  }

  /**
   * Makes an orphan of an open file. If a RENAME is about to replace the file, the name is kept, so
   * that it is replaced in one step.
   */
  private int hide(Request request, byte[] path, byte[] hiddenName) throws ErrnoException {
    PathWalker walker = request.walker;
    try {
      walker.startName(path);
      long nodeid = walker.lookup();
      boolean isReplaced = request.opcode() == Opcode.RENAME;
      if (!isReplaced) {
        fileSystem.unlink(request.context, walker.parent(), walker.name());
      }
      if (walker.keep()) {
        Orphans.Orphan orphan = state.orphans().add(hiddenName, nodeid, isReplaced);
        if (isReplaced) {
          request.displaced = orphan;
        } else {
          removeIfClosed(orphan);
        }
      }
      return 0;
    } finally {
      walker.finish();
    }
  }

  /**
   * Removes an orphan that was closed while its name was being removed: libfuse has already looked
   * for it and will not do so again.
   */
  private void removeIfClosed(Orphans.Orphan orphan) {
    if (!state.openFiles().isOpen(orphan.nodeid())) {
      state.orphans().removeClosed(orphan.nodeid());
    }
  }

  int chmod(Request request, long path, long mode) throws ErrnoException {
    SetattrRequest changes = request.changes;
    changes.clear();
    changes.setMode = true;
    changes.mode = (int) mode & Mode.PERMISSIONS;
    return setattr(request, path);
  }

  int chown(Request request, long path, long uid, long gid) throws ErrnoException {
    SetattrRequest changes = request.changes;
    changes.clear();
    changes.uid = (int) uid;
    changes.setUid = changes.uid != UNCHANGED;
    changes.gid = (int) gid;
    changes.setGid = changes.gid != UNCHANGED;
    return setattr(request, path);
  }

  int truncate(Request request, long path, long size) throws ErrnoException {
    SetattrRequest changes = request.changes;
    changes.clear();
    changes.setSize = true;
    changes.size = size;
    return setattr(request, path);
  }

  int utimens(Request request, long path, long times) throws ErrnoException {
    SetattrRequest changes = request.changes;
    changes.clear();
    changes.atimeSeconds = StatLayout.seconds(times, 0);
    changes.atimeNanos = StatLayout.nanos(times, 0);
    changes.setAtime = changes.atimeNanos != Linux.UTIME_OMIT;
    changes.mtimeSeconds = StatLayout.seconds(times, 1);
    changes.mtimeNanos = StatLayout.nanos(times, 1);
    changes.setMtime = changes.mtimeNanos != Linux.UTIME_OMIT;
    return setattr(request, path);
  }

  private int setattr(Request request, long path) throws ErrnoException {
    PathWalker walker = request.walker;
    try {
      walker.start(Memory.getCString(path));
      long nodeid = walker.lookup();
      if (request.changes.setSize && !walker.isRoot() && !walker.isOrphan()) {
        state.cachePolicy().written(walker.entry().stat, request.libfuseNode());
      }
      fileSystem.setattr(request.context, nodeid, request.changes, request.attributes);
      return 0;
    } finally {
      walker.finish();
    }
  }

  /** Returns the statistics of the root for every path: the mount is one file system. */
  int statfs(Request request, long path, long statvfs) throws ErrnoException {
    fileSystem.statfs(request.context, FuseFileSystem.ROOT, request.statistics);
    StatLayout.write(statvfs, request.statistics);
    return 0;
  }

  int setxattr(Request request, long path, long name, long value, long size, int flags)
      throws ErrnoException {
    PathWalker walker = request.walker;
    try {
      walker.start(Memory.getCString(path));
      byte[] attribute = Memory.getCString(name);
      // The kernel, which would tell, does not use ACLs over this transport.
      request.context.mayKillSetid = request.context.uid != 0;
      fileSystem.setxattr(request.context, walker.lookup(), attribute, value, (int) size, flags);
      // An access ACL changes the mode. The kernel notices that only if it uses ACLs.
      channel.expireAttributes(request.libfuseNode());
      return 0;
    } finally {
      walker.finish();
    }
  }

  int getxattr(Request request, long path, long name, long value, long size) throws ErrnoException {
    PathWalker walker = request.walker;
    try {
      walker.start(Memory.getCString(path));
      byte[] attribute = Memory.getCString(name);
      return fileSystem.getxattr(request.context, walker.lookup(), attribute, value, (int) size);
    } finally {
      walker.finish();
    }
  }

  int listxattr(Request request, long path, long list, long size) throws ErrnoException {
    PathWalker walker = request.walker;
    try {
      walker.start(Memory.getCString(path));
      return fileSystem.listxattr(request.context, walker.lookup(), list, (int) size);
    } finally {
      walker.finish();
    }
  }

  int removexattr(Request request, long path, long name) throws ErrnoException {
    PathWalker walker = request.walker;
    try {
      walker.start(Memory.getCString(path));
      fileSystem.removexattr(request.context, walker.lookup(), Memory.getCString(name));
      channel.expireAttributes(request.libfuseNode());
      return 0;
    } finally {
      walker.finish();
    }
  }

  private void forget(EntryReply entry) {
    fileSystem.forget(entry.nodeid, 1);
  }

  private static byte[] lastComponent(byte[] path) {
    int at = path.length;
    while (at > 0 && path[at - 1] != '/') {
      at--;
    }
    return Arrays.copyOfRange(path, at, path.length);
  }
}
