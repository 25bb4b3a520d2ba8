package dev.lamina.fuse;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.FileSystemStat;

/**
 * A file system as the kernel's FUSE protocol sees it: objects are nodeids, and names are the bytes
 * of one path component. Every transport calls this interface; an implementation does not depend on
 * any of them.
 *
 * <p>These rules hold for every operation:
 *
 * <ul>
 *   <li>Any number of threads may call concurrently. The kernel serializes some operations (changes
 *       to one directory, for example), but an implementation must not rely on it.
 *   <li>A failure is an {@link ErrnoException} with the errno for the caller. A missing name is not
 *       a failure of {@link #lookup}, but a negative entry.
 *   <li>Contexts, requests and replies belong to the transport, which reuses them: an
 *       implementation must not keep them. Byte arrays given as names may be kept, and are not
 *       changed afterwards.
 *   <li>Native memory is given as an address and a size, which are valid during the call.
 *   <li>A nodeid stays valid until {@link #forget} has given back every lookup counted for it.
 *       Nodeid {@link #ROOT} is always valid.
 *   <li>Operations with a default implementation are optional: after ENOSYS the kernel does not use
 *       them any more.
 *   <li>The kernel checks permissions ({@code default_permissions}); operations need not do so.
 * </ul>
 */
public interface FuseFileSystem {
  /** The nodeid of the root directory (FUSE_ROOT_ID of linux/fuse.h). */
  long ROOT = 1;

  /** The value of a handle that stands for no open file. */
  long NO_HANDLE = -1;

  /**
   * The value of an offset that stands for the end of the file: finding the end and writing there
   * are one atomic step.
   */
  long APPEND = -1;

  /**
   * Starts the file system. Called once, before any other operation but {@link #backingDepth}.
   *
   * @param capabilities what the transport can carry
   * @param notifier may be used until {@link #destroy}
   */
  void init(Capabilities capabilities, Notifier notifier);

  /**
   * Returns the greatest stacking depth of a file system whose files are offered for passthrough
   * ({@link OpenReply#backing}): 1 for an ordinary one, 2 for one that is stacked on another as
   * overlayfs is, 0 for no passthrough ({@code max_stack_depth} of FUSE_INIT). File systems that
   * are stacked on the mount can be so much less deep. Called before {@link #init}.
   */
  default int backingDepth() {
    return 0;
  }

  /**
   * Closes everything. Called once after all other operations, also when {@link #init} has failed.
   */
  void destroy();

  /**
   * Finds a name in a directory and counts one lookup of its object. The answer for a missing name
   * is a negative entry.
   */
  void lookup(RequestContext context, long parent, byte[] name, EntryReply reply)
      throws ErrnoException;

  /** Gives back {@code count} lookups of an object. An object without lookups may be dropped. */
  void forget(long nodeid, long count);

  /**
   * Reads the attributes of an object.
   *
   * @param handle an open file of the object, or {@link #NO_HANDLE}
   */
  void getattr(RequestContext context, long nodeid, long handle, AttrReply reply)
      throws ErrnoException;

  /**
   * Changes attributes, in an order that leaves exactly what was asked for, and answers with all
   * attributes.
   */
  void setattr(RequestContext context, long nodeid, SetattrRequest request, AttrReply reply)
      throws ErrnoException;

  /**
   * Reads a symbolic link's target into native memory.
   *
   * @return the length of the target in bytes, truncated to {@code size}
   */
  int readlink(RequestContext context, long nodeid, long address, int size) throws ErrnoException;

  /**
   * Makes an object that is neither a directory nor a symbolic link.
   *
   * @param mode the {@code S_IF} type and the permission bits before the umask is applied
   * @param rdev the device number of a device node, as {@link dev.lamina.sys.Devices#make} builds
   *     it
   */
  void mknod(
      RequestContext context, long parent, byte[] name, int mode, long rdev, EntryReply reply)
      throws ErrnoException;

  /**
   * Makes a directory.
   *
   * @param mode the permission bits before the umask is applied
   */
  void mkdir(RequestContext context, long parent, byte[] name, int mode, EntryReply reply)
      throws ErrnoException;

  /** Makes a symbolic link. */
  void symlink(RequestContext context, long parent, byte[] name, byte[] target, EntryReply reply)
      throws ErrnoException;

  /** Gives another name to an object that is not a directory. */
  void link(RequestContext context, long nodeid, long newParent, byte[] newName, EntryReply reply)
      throws ErrnoException;

  /** Removes a name of an object that is not a directory. */
  void unlink(RequestContext context, long parent, byte[] name) throws ErrnoException;

  /** Removes an empty directory. */
  void rmdir(RequestContext context, long parent, byte[] name) throws ErrnoException;

  /**
   * Renames or exchanges objects.
   *
   * @param flags {@code RENAME_} flags of {@link dev.lamina.sys.Linux}; a flag that is not
   *     supported is EINVAL
   */
  void rename(
      RequestContext context, long parent, byte[] name, long newParent, byte[] newName, int flags)
      throws ErrnoException;

  /**
   * Opens a file.
   *
   * @param flags flags of open(2) without O_CREAT and O_EXCL
   */
  void open(RequestContext context, long nodeid, int flags, OpenReply reply) throws ErrnoException;

  /**
   * Makes and opens a regular file. Without O_EXCL an existing file is opened, and truncated if
   * O_TRUNC is given.
   *
   * @param mode the permission bits before the umask is applied
   * @param flags flags of open(2)
   */
  void create(
      RequestContext context,
      long parent,
      byte[] name,
      int mode,
      int flags,
      EntryReply entry,
      OpenReply open)
      throws ErrnoException;

  /**
   * Makes and opens a regular file without a name (O_TMPFILE). {@link #link} may give it one.
   *
   * @param parent the directory that determines the file system, and from which a group and access
   *     control lists are inherited
   */
  default void tmpfile(
      RequestContext context, long parent, int mode, int flags, EntryReply entry, OpenReply open)
      throws ErrnoException {
    throw ErrnoException.of(Errno.ENOSYS);
  }

  /**
   * Reads into native memory.
   *
   * @return the number of bytes read, fewer than {@code size} only at the end of the file
   */
  int read(RequestContext context, long nodeid, long handle, long offset, long address, int size)
      throws ErrnoException;

  /**
   * Writes from native memory.
   *
   * @param offset an offset in the file, or {@link #APPEND}
   * @return the number of bytes written: {@code size}, or fewer if an error occurred after some
   */
  int write(RequestContext context, long nodeid, long handle, long offset, long address, int size)
      throws ErrnoException;

  /** Allocates or deallocates space of an open file, as fallocate(2) does. */
  void fallocate(
      RequestContext context, long nodeid, long handle, int mode, long offset, long length)
      throws ErrnoException;

  /**
   * Writes an open file to the disk.
   *
   * @param dataOnly whether metadata may be left out, as fdatasync(2) does
   */
  void fsync(RequestContext context, long nodeid, long handle, boolean dataOnly)
      throws ErrnoException;

  /**
   * Finds the next data or the next hole in an open file.
   *
   * @param whence SEEK_DATA or SEEK_HOLE of {@link dev.lamina.sys.Linux}
   * @return the offset found
   * @throws ErrnoException ENXIO if there is none after the offset
   */
  default long lseek(RequestContext context, long nodeid, long handle, long offset, int whence)
      throws ErrnoException {
    throw ErrnoException.of(Errno.ENOSYS);
  }

  /**
   * Copies from one open file to another.
   *
   * @return the number of bytes copied, 0 at the end of the source
   * @throws ErrnoException EXDEV if the caller should read and write instead
   */
  default long copyFileRange(
      RequestContext context,
      long handleIn,
      long offsetIn,
      long handleOut,
      long offsetOut,
      long length)
      throws ErrnoException {
    throw ErrnoException.of(Errno.ENOSYS);
  }

  /**
   * Answers an ioctl(2) on an open file or directory. Only those that get and set inode flags are
   * implemented.
   *
   * @param output address that {@code outSize} bytes are written to
   * @throws ErrnoException ENOTTY for an unknown command
   */
  default void ioctl(
      RequestContext context,
      long nodeid,
      long command,
      long input,
      int inSize,
      long output,
      int outSize)
      throws ErrnoException {
    throw ErrnoException.of(Errno.ENOSYS);
  }

  /** Writes the whole file system to the disk. */
  default void syncfs(RequestContext context, long nodeid) throws ErrnoException {
    throw ErrnoException.of(Errno.ENOSYS);
  }

  /**
   * Says that an open file, although offered for passthrough, is read and written through this
   * interface.
   */
  default void servesData(long handle) throws ErrnoException {
    // By default it makes no difference.
  }

  /** Closes an open file. No error can be reported to the caller any more. */
  void release(RequestContext context, long nodeid, long handle);

  /** Opens a directory. */
  void opendir(RequestContext context, long nodeid, int flags, OpenReply reply)
      throws ErrnoException;

  /**
   * Adds entries, including {@code .} and {@code ..}, from {@code offset} on until the reply is
   * full. If the handle is {@link #NO_HANDLE}, the directory was not opened, and it is unknown when
   * its reader ends. Offset 0 is the beginning, where a new listing is made (rewinddir(3)); any
   * other offset is one that was given to an entry.
   */
  void readdir(RequestContext context, long nodeid, long handle, long offset, DirectoryReply reply)
      throws ErrnoException;

  /**
   * Does the same as {@link #readdir} and adds the attributes of each entry. Every entry that is
   * added with an object counts as a lookup of it.
   */
  default void readdirplus(
      RequestContext context, long nodeid, long handle, long offset, DirectoryPlusReply reply)
      throws ErrnoException {
    throw ErrnoException.of(Errno.ENOSYS);
  }

  /** Writes an open directory to the disk; see {@link #fsync}. */
  void fsyncdir(RequestContext context, long nodeid, long handle, boolean dataOnly)
      throws ErrnoException;

  /** Closes an open directory. */
  void releasedir(RequestContext context, long nodeid, long handle);

  /** Reads the statistics of the file system. */
  void statfs(RequestContext context, long nodeid, FileSystemStat reply) throws ErrnoException;

  /**
   * Reads an extended attribute into native memory.
   *
   * @return the length of the value; if {@code size} is 0, the value is not read
   * @throws ErrnoException ENODATA if the attribute does not exist, ERANGE if {@code size} is too
   *     small
   */
  int getxattr(RequestContext context, long nodeid, byte[] name, long address, int size)
      throws ErrnoException;

  /**
   * Writes the names of all extended attributes, each followed by a NUL, into native memory.
   *
   * @return the length of the list; if {@code size} is 0, the list is not written
   */
  int listxattr(RequestContext context, long nodeid, long address, int size) throws ErrnoException;

  /**
   * Sets an extended attribute from native memory.
   *
   * @param flags 0 or a {@code XATTR_} flag of {@link dev.lamina.sys.Xattrs}
   */
  void setxattr(RequestContext context, long nodeid, byte[] name, long address, int size, int flags)
      throws ErrnoException;

  /** Removes an extended attribute. */
  void removexattr(RequestContext context, long nodeid, byte[] name) throws ErrnoException;

  /**
   * Whether the space of something deleted is still in use, because the kernel has not yet sent the
   * {@link #forget} that frees it. Transports ask when an operation has failed with ENOSPC or
   * EDQUOT, which leaves everything as it was, and then run it again ({@link SpaceRetry}).
   */
  default boolean keepsDeleted() {
    return false;
  }
}
