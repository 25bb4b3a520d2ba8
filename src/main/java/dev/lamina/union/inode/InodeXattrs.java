package dev.lamina.union.inode;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.union.upper.XattrPolicy;

/** Reads the extended attributes of inodes as users see them. */
public final class InodeXattrs {
  private InodeXattrs() {}

  /**
   * Reads an attribute, see {@link dev.lamina.fuse.FuseFileSystem#getxattr}.
   *
   * @throws ErrnoException ENODATA if the inode does not have it
   */
  public static int get(Inode inode, byte[] name, long address, int size) throws ErrnoException {
    synchronized (inode) {
      if (AbsentXattrs.has(inode, name)) {
        throw ErrnoException.of(Errno.ENODATA);
      }
      int length = XattrPolicy.get(inode.place(), name, address, size);
      if (length == -Errno.ENODATA) {
        AbsentXattrs.add(inode, name);
      }
      return ErrnoException.check(length);
    }
  }

  /**
   * Lists the attributes, see {@link dev.lamina.fuse.FuseFileSystem#listxattr}.
   *
   * @param privileged whether the user may see trusted attributes (xattr(7))
   */
  public static int list(Inode inode, boolean privileged, long address, int size)
      throws ErrnoException {
    synchronized (inode) {
      return ErrnoException.check(XattrPolicy.list(inode.place(), privileged, address, size));
    }
  }
}
