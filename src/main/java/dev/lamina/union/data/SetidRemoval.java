package dev.lamina.union.data;

import dev.lamina.fuse.Notifier;
import dev.lamina.fuse.RequestContext;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;
import dev.lamina.union.copyup.Truncation;
import dev.lamina.union.inode.Inode;
import java.util.function.ToIntFunction;

/**
 * Clears setuid and setgid bits because an ordinary user changes the contents of a file (inode(7)).
 * {@link RequestContext#killSetid} says whether the file system has to do this.
 */
final class SetidRemoval {
  private volatile Notifier notifier = (nodeid, ino) -> {};

  /** Sets the notifier that tells the kernel that a file has lost setuid and setgid bits. */
  void notifyBy(Notifier kernel) {
    notifier = kernel;
  }

  /**
   * Clears the bits of an open file before it is truncated, or when it is opened for writing.
   *
   * @return 0 or the negative errno
   */
  int clear(RequestContext context, Inode inode, int fd) {
    return clear(inode, fd, stat -> Setid.without(stat, context));
  }

  /** Clears the bits before a WRITE request, see {@link Setid#withoutAtWrite}. */
  int clearAtWrite(Inode inode, int fd) {
    return clear(inode, fd, Setid::withoutAtWrite);
  }

  private int clear(Inode inode, int fd, ToIntFunction<Stat> without) {
    Stat stat = new Stat();
    int result = Linux.fstat(fd, stat);
    if (result < 0) {
      return result;
    }
    int mode = without.applyAsInt(stat);
    if (mode < 0) {
      return mode;
    }
    if (mode == (stat.mode & Mode.PERMISSIONS)) {
      return 0;
    }
    result = Linux.fchmod(fd, mode);
    if (result == 0) {
      // The kernel has requested this without changing the attributes in its cache.
      notifier.attributesChanged(inode.nodeid, inode.number);
    }
    return result;
  }

  /**
   * Returns what clears the bits of a copy that is truncated, if that is necessary.
   *
   * @param others other changes of the copy, made after this one
   */
  Truncation.Preparation ofCopy(
      RequestContext context, Inode inode, Truncation.Preparation others) {
    return fd -> {
      int result = context.killSetid ? clear(context, inode, fd) : 0;
      return result < 0 ? result : others.prepare(fd);
    };
  }
}
