package dev.lamina.union.change;

import dev.lamina.fuse.RequestContext;
import dev.lamina.fuse.SetattrRequest;
import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.Place;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.union.copyup.CopyUp;
import dev.lamina.union.copyup.Truncation;
import dev.lamina.union.data.CallerStatus;
import dev.lamina.union.data.ContentsAtOpen;
import dev.lamina.union.data.OpenFiles;
import dev.lamina.union.data.Setid;
import dev.lamina.union.inode.AbsentXattrs;
import dev.lamina.union.inode.Attributes;
import dev.lamina.union.inode.DirectoryMemo;
import dev.lamina.union.inode.Inode;
import dev.lamina.union.inode.Protection;
import dev.lamina.union.upper.XattrPolicy;

/** Changes attributes and extended attributes, on the upper after copy-up. */
public final class AttributeChange {
  /** A system call that changes an object named by (descriptor, name). */
  @FunctionalInterface
  private interface Change {
    /** Makes the change; returns a value or the negative errno. */
    int make(int dirfd, byte[] name);
  }

  private final Protection protection;
  private final CopyUp copyUp;
  private final OpenFiles files;

  public AttributeChange(Protection protection, CopyUp copyUp, OpenFiles files) {
    this.protection = protection;
    this.copyUp = copyUp;
    this.files = files;
  }

  /** See {@link dev.lamina.fuse.FuseFileSystem#setattr}. */
  public void setattr(RequestContext context, Inode inode, SetattrRequest request)
      throws ErrnoException {
    if (request.setSize && inode.type != Mode.S_IFREG) {
      throw ErrnoException.of(inode.isDirectory() ? Errno.EISDIR : Errno.EINVAL);
    }
    checkProtection(inode, request);
    if (request.setSize) {
      setattrWithSize(context, inode, request);
    } else {
      copyUp.copyUp(inode);
      if (setsOwner(request) || request.setMode || setsTimes(request)) {
        change(inode, (dirfd, name) -> setOthers(dirfd, name, request));
      }
    }
    if (request.dropSetid && !inode.isDirectory()) {
      dropSetid(context, inode);
    }
  }

  /** Changes the size after all else that can fail, except for the times, which it changes. */
  private void setattrWithSize(RequestContext context, Inode inode, SetattrRequest request)
      throws ErrnoException {
    Truncation.Preparation others = fd -> setOthers(fd, Linux.EMPTY, request);
    Truncation truncation =
        files.truncation(context, inode, request.size, OpenFlags.O_WRONLY, others);
    copyUp.copyUp(inode, truncation);
    int truncated = truncation.take();
    if (truncated >= 0) {
      Linux.close(truncated);
      ContentsAtOpen.awaitBeforeChange(inode);
      return;
    }
    files.truncate(
        context,
        inode,
        request.handle,
        fd -> {
          ErrnoException.check(setOwnerAndMode(fd, Linux.EMPTY, request));
          ErrnoException.check(Linux.ftruncate(fd, request.size));
          ErrnoException.check(setTimes(fd, Linux.EMPTY, request));
        });
  }

  private static boolean setsOwner(SetattrRequest request) {
    return request.setUid || request.setGid;
  }

  private static boolean setsTimes(SetattrRequest request) {
    return request.setAtime || request.setMtime;
  }

  /** Changes all attributes but the size of an object named by (descriptor, name). */
  private static int setOthers(int dirfd, byte[] name, SetattrRequest request) {
    int result = setOwnerAndMode(dirfd, name, request);
    return result < 0 ? result : setTimes(dirfd, name, request);
  }

  private static int setOwnerAndMode(int dirfd, byte[] name, SetattrRequest request) {
    int result = 0;
    // Changing the owner clears setuid and setgid bits, so the mode is changed afterwards.
    if (setsOwner(request)) {
      int uid = request.setUid ? request.uid : -1;
      int gid = request.setGid ? request.gid : -1;
      result = Linux.fchownat(dirfd, name, uid, gid);
    }
    if (result == 0 && request.setMode) {
      result = Linux.fchmodat(dirfd, name, request.mode & Mode.PERMISSIONS);
    }
    return result;
  }

  /** Checks the protection; setting both times to the current time counts as an addition. */
  private void checkProtection(Inode inode, SetattrRequest request) throws ErrnoException {
    boolean isNow =
        request.setAtime
            && request.setMtime
            && request.atimeNanos == Linux.UTIME_NOW
            && request.mtimeNanos == Linux.UTIME_NOW;
    if (request.setSize || request.setMode || request.setUid || request.setGid) {
      protection.checkChange(inode);
    } else if (isNow) {
      protection.checkAddition(inode);
    } else if (request.setAtime || request.setMtime) {
      protection.checkChange(inode);
    }
  }

  /**
   * Clears setuid and setgid bits after a write or a change of owner. A write by root clears no
   * bits, but leads here if the file had capabilities, which the kernel has just removed. If the
   * file is known not to have had any, root has changed its owner to the same one, which does clear
   * bits.
   */
  private static void dropSetid(RequestContext context, Inode inode) throws ErrnoException {
    Stat stat = new Stat();
    Attributes.read(inode, stat);
    if ((stat.mode & (Mode.S_ISUID | Mode.S_ISGID)) == 0) {
      return;
    }
    boolean mayBeRoots;
    synchronized (inode) {
      mayBeRoots = !AbsentXattrs.has(inode, XattrPolicy.CAPABILITY);
    }
    if (!mayBeRoots || !CallerStatus.keepsSetid(context)) {
      changeMode(inode, stat, ErrnoException.check(Setid.without(stat, context)));
    }
  }

  /** Clears setgid if the caller is not in the file's group. */
  private static void dropSetgidOfOthers(RequestContext context, Inode inode)
      throws ErrnoException {
    Stat stat = new Stat();
    Attributes.read(inode, stat);
    if ((stat.mode & Mode.S_ISGID) != 0 && !CallerStatus.isInGroup(context, stat.gid)) {
      dropSetgid(inode, stat);
    }
  }

  private static void dropSetgid(Inode inode, Stat stat) throws ErrnoException {
    changeMode(inode, stat, stat.mode & Mode.PERMISSIONS & ~Mode.S_ISGID);
  }

  private static void changeMode(Inode inode, Stat stat, int mode) throws ErrnoException {
    if (mode != (stat.mode & Mode.PERMISSIONS)) {
      change(inode, (dirfd, name) -> Linux.fchmodat(dirfd, name, mode));
    }
  }

  private static int setTimes(int dirfd, byte[] name, SetattrRequest request) {
    if (!setsTimes(request)) {
      return 0;
    }
    int atimeNanos = request.setAtime ? request.atimeNanos : Linux.UTIME_OMIT;
    int mtimeNanos = request.setMtime ? request.mtimeNanos : Linux.UTIME_OMIT;
    return Linux.utimensat(
        dirfd, name, request.atimeSeconds, atimeNanos, request.mtimeSeconds, mtimeNanos);
  }

  /** See {@link dev.lamina.fuse.FuseFileSystem#setxattr}. */
  public void setxattr(
      RequestContext context, Inode inode, byte[] attribute, long address, int size, int flags)
      throws ErrnoException {
    protection.checkChange(inode);
    copyUp.copyUp(inode);
    synchronized (inode) {
      AbsentXattrs.clear(inode);
      change(inode, (dirfd, name) -> XattrPolicy.set(dirfd, name, attribute, address, size, flags));
    }
    DirectoryMemo.DEFAULT_ACL.forget(inode);
    // The kernel sets this flag for a default ACL as well, which does not clear the bit.
    if (XattrPolicy.isAccessAcl(attribute)) {
      if (context.killSetid) {
        Stat stat = new Stat();
        AfterChange.read(() -> Attributes.read(inode, stat));
        dropSetgid(inode, stat);
      } else if (context.mayKillSetid) {
        AfterChange.read(() -> dropSetgidOfOthers(context, inode));
      }
    }
  }

  /** See {@link dev.lamina.fuse.FuseFileSystem#removexattr}. */
  public void removexattr(RequestContext context, Inode inode, byte[] attribute)
      throws ErrnoException {
    protection.checkChange(inode);
    synchronized (inode) {
      // Removing an attribute that does not exist must not cause a copy-up. On the upper, the file
      // system decides: removing an ACL that does not exist is no error.
      if (!inode.isUpper()) {
        ErrnoException.check(XattrPolicy.get(inode.place(), attribute, 0, 0));
      }
    }
    copyUp.copyUp(inode);
    change(inode, (dirfd, name) -> XattrPolicy.remove(dirfd, name, attribute));
    DirectoryMemo.DEFAULT_ACL.forget(inode);
    if (XattrPolicy.isAccessAcl(attribute)) {
      // As on overlayfs (ovl_set_or_remove_acl), this does not depend on a flag, unlike setting
      // one.
      AfterChange.read(() -> dropSetgidOfOthers(context, inode));
    }
  }

  private static void change(Inode inode, Change change) throws ErrnoException {
    synchronized (inode) {
      Place place = inode.place();
      FdDirectory directory = (FdDirectory) place.directory();
      int dirfd = ErrnoException.check(directory.acquire());
      try {
        ErrnoException.check(change.make(dirfd, place.name()));
      } finally {
        directory.release();
      }
    }
  }
}
