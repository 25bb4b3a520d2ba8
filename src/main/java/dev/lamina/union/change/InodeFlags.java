package dev.lamina.union.change;

import dev.lamina.fuse.RequestContext;
import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.Place;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.FileFlags;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.sys.ThreadBuffers;
import dev.lamina.union.copyup.CopyUp;
import dev.lamina.union.inode.Attributes;
import dev.lamina.union.inode.Inode;
import dev.lamina.union.inode.Protection;

/**
 * Reads and sets the inode flags of chattr(1) (ioctl_iflags(2)) and project numbers. They are read
 * from the layer, and set on the upper after copy-up.
 */
public final class InodeFlags {
  private final Protection protection;
  private final CopyUp copyUp;

  public InodeFlags(Protection protection, CopyUp copyUp) {
    this.protection = protection;
    this.copyUp = copyUp;
  }

  /** See {@link dev.lamina.fuse.FuseFileSystem#ioctl}. */
  public void ioctl(
      RequestContext context,
      Inode inode,
      long command,
      long input,
      int inSize,
      long output,
      int outSize)
      throws ErrnoException {
    boolean sets = command == FileFlags.FS_IOC_SETFLAGS || command == FileFlags.FS_IOC_FSSETXATTR;
    boolean gets = command == FileFlags.FS_IOC_GETFLAGS || command == FileFlags.FS_IOC_FSGETXATTR;
    if (!sets && !gets || !inode.isDirectory() && inode.type != Mode.S_IFREG) {
      throw ErrnoException.of(Errno.ENOTTY);
    }
    boolean isExtended =
        command == FileFlags.FS_IOC_FSGETXATTR || command == FileFlags.FS_IOC_FSSETXATTR;
    int needed = isExtended ? FileFlags.STRUCT_SIZE : Integer.BYTES;
    if ((sets ? inSize : outSize) < needed) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (sets) {
      checkPermission(context, inode, command, input);
      copyUp.copyUp(inode);
    }
    int fd = open(inode);
    try {
      if (sets) {
        set(inode, fd, command, input, isExtended);
      } else {
        ErrnoException.check(Linux.ioctl(fd, command, output));
        int flags = Memory.getInt(output);
        Memory.putInt(output, flags | toFlags(protection.flags(inode), isExtended));
      }
    } finally {
      Linux.close(fd);
    }
  }

  /**
   * Sets flags. Immutable and append-only are set by the mark of {@link Protection}, since the
   * upper object must remain movable and removable; all other flags are set on the object itself.
   */
  private void set(Inode inode, int fd, long command, long input, boolean isExtended)
      throws ErrnoException {
    int asked = Memory.getInt(input);
    int immutable = toFlags(Protection.IMMUTABLE, isExtended);
    int appendOnly = toFlags(Protection.APPEND_ONLY, isExtended);
    int wanted = (asked & immutable) != 0 ? Protection.IMMUTABLE : 0;
    wanted |= (asked & appendOnly) != 0 ? Protection.APPEND_ONLY : 0;
    int before = protection.flags(inode);
    long old = ThreadBuffers.ofThread().value();
    ErrnoException.check(
        Linux.ioctl(fd, isExtended ? FileFlags.FS_IOC_FSGETXATTR : FileFlags.FS_IOC_GETFLAGS, old));
    boolean isMarkless = (Memory.getInt(old) & (immutable | appendOnly)) != 0;
    Memory.putInt(input, asked & ~(immutable | appendOnly));
    ErrnoException.check(Linux.ioctl(fd, command, input));
    if (wanted == before && !isMarkless) {
      return;
    }
    // Not earlier: an object that has the flags itself cannot be marked.
    try {
      protection.set(inode, wanted);
    } catch (ErrnoException e) {
      Linux.ioctl(fd, command, old);
      throw e;
    }
  }

  private static int toFlags(int protection, boolean isExtended) {
    int flags = 0;
    if ((protection & Protection.IMMUTABLE) != 0) {
      flags |= isExtended ? FileFlags.FS_XFLAG_IMMUTABLE : FileFlags.FS_IMMUTABLE_FL;
    }
    if ((protection & Protection.APPEND_ONLY) != 0) {
      flags |= isExtended ? FileFlags.FS_XFLAG_APPEND : FileFlags.FS_APPEND_FL;
    }
    return flags;
  }

  /**
   * Checks that a caller may set flags: root may set all, the owner all but immutable and
   * append-only. Since Linux 5.13 the kernel checks this itself, by capabilities.
   */
  private static void checkPermission(RequestContext context, Inode inode, long command, long input)
      throws ErrnoException {
    if (context.uid == 0) {
      return;
    }
    Stat stat = new Stat();
    Attributes.read(inode, stat);
    boolean isPlain =
        command == FileFlags.FS_IOC_SETFLAGS
            && (Memory.getInt(input) & (FileFlags.FS_IMMUTABLE_FL | FileFlags.FS_APPEND_FL)) == 0;
    if (context.uid != stat.uid || !isPlain) {
      throw ErrnoException.of(Errno.EPERM);
    }
  }

  private static int open(Inode inode) throws ErrnoException {
    synchronized (inode) {
      Place place = inode.place();
      if (!(place.directory() instanceof FdDirectory directory)) {
        throw ErrnoException.of(Errno.ENOTTY);
      }
      int flags = OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK;
      return ErrnoException.check(directory.openObject(place.name(), flags));
    }
  }
}
