package dev.lamina.fuse;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.FileSystemStat;

/**
 * A file system as the kernel's FUSE protocol sees it: objects are nodeids, names are the bytes of
 * one component. Every transport drives this interface; an implementation knows none of them.
 *
 * <p>Rules that hold for every operation:
 *
 * <ul>
 *   <li>Any number of threads call at once. The kernel orders some operations (changes to one
 *       directory, for example), but an implementation does not rely on it.
 *   <li>A failure is a {@link ErrnoException} with the errno for the caller. ENOENT of {@link
 *       #lookup} is no failure but a negative entry.
 *   <li>Contexts, requests and replies are the transport's and are used again: nothing is kept.
 *       Byte arrays given as names may be kept and are not changed afterwards.
 *   <li>Native memory is given as an address and a size, valid during the call.
 *   <li>A nodeid stays valid until {@link #forget} has given back every lookup counted for it.
 *       Nodeid {@link #ROOT} is always valid.
 *   <li>What has a default here is optional: ENOSYS, and the kernel does without.
 *   <li>The kernel checks permissions ({@code default_permissions}), so operations do not.
 * </ul>
 */
public interface FuseFileSystem {
  /** The root directory's nodeid (FUSE_ROOT_ID of linux/fuse.h). */
  long ROOT = 1;

  /** No open file is meant. */
  long NO_HANDLE = -1;

  /** In place of an offset: the end of the file when it is written to, in one step with that. */
  long APPEND = -1;

  /**
   * Called once, before any other operation.
   *
   * @param notifier may be used until {@link #destroy}
   */
  void init(Capabilities capabilities, Notifier notifier);

  /**
   * What passthrough is needed for, asked before {@link #init}: the greatest depth of a file system
   * that {@link OpenReply#backing} may be offered of, 1 for an ordinary one and 2 for one that lies
   * on another as overlayfs does ({@code max_stack_depth} of FUSE_INIT); 0 for no passthrough. What
   * lies on the mount in turn has as much less to be stacked on.
   */
  default int backingDepth() {
    return 0;
  }

  /** Called once, after all other operations: closes everything. */
  void destroy();

  /**
   * Finds a name in a directory and counts one lookup of the object; a missing name is a negative
   * entry.
   */
  void lookup(RequestContext context, long parent, byte[] name, EntryReply reply)
      throws ErrnoException;

  /** Gives back {@code count} lookups; an object without any may be dropped. */
  void forget(long nodeid, long count);

  /**
   * @param handle an open file of this object, or {@link #NO_HANDLE}
   */
  void getattr(RequestContext context, long nodeid, long handle, AttrReply reply)
      throws ErrnoException;

  /** Changes attributes, in an order that leaves exactly what was asked for, and answers all. */
  void setattr(RequestContext context, long nodeid, SetattrRequest request, AttrReply reply)
      throws ErrnoException;

  /**
   * Reads a symbolic link's target into native memory.
   *
   * @return its length in bytes, cut off at {@code size}
   */
  int readlink(RequestContext context, long nodeid, long address, int size) throws ErrnoException;

  /**
   * Makes a file that is not a directory or a symbolic link.
   *
   * @param mode {@code S_IF} type and permission bits, the umask not yet applied
   * @param rdev the device for device nodes, as {@link dev.lamina.sys.Devices#make} builds it
   */
  void mknod(
      RequestContext context, long parent, byte[] name, int mode, long rdev, EntryReply reply)
      throws ErrnoException;

  /**
   * @param mode permission bits, the umask not yet applied
   */
  void mkdir(RequestContext context, long parent, byte[] name, int mode, EntryReply reply)
      throws ErrnoException;

  void symlink(RequestContext context, long parent, byte[] name, byte[] target, EntryReply reply)
      throws ErrnoException;

  /** Gives an object that is not a directory one more name. */
  void link(RequestContext context, long nodeid, long newParent, byte[] newName, EntryReply reply)
      throws ErrnoException;

  void unlink(RequestContext context, long parent, byte[] name) throws ErrnoException;

  void rmdir(RequestContext context, long parent, byte[] name) throws ErrnoException;

  /**
   * @param flags the {@code RENAME_} flags of {@link dev.lamina.sys.Linux}; what is not supported
   *     is EINVAL
   */
  void rename(
      RequestContext context, long parent, byte[] name, long newParent, byte[] newName, int flags)
      throws ErrnoException;

  /**
   * @param flags of open(2), without O_CREAT and O_EXCL
   */
  void open(RequestContext context, long nodeid, int flags, OpenReply reply) throws ErrnoException;

  /**
   * Makes and opens a regular file. Without O_EXCL a file that exists is opened, and truncated with
   * O_TRUNC.
   *
   * @param mode permission bits, the umask not yet applied
   * @param flags of open(2)
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
   * Makes and opens a regular file without a name, which {@link #link} may give it.
   *
   * @param parent the directory on whose file system, and with whose rules of inheritance
   */
  default void tmpfile(
      RequestContext context, long parent, int mode, int flags, EntryReply entry, OpenReply open)
      throws ErrnoException {
    throw ErrnoException.of(Errno.ENOSYS);
  }

  /**
   * Reads into native memory.
   *
   * @return the bytes read; fewer than {@code size} only at the end of the file
   */
  int read(RequestContext context, long nodeid, long handle, long offset, long address, int size)
      throws ErrnoException;

  /**
   * Writes from native memory, all of it.
   *
   * @param offset in the file, or {@link #APPEND}
   * @return the bytes written: {@code size}, or fewer when an error stopped it after some
   */
  int write(RequestContext context, long nodeid, long handle, long offset, long address, int size)
      throws ErrnoException;

  void fallocate(
      RequestContext context, long nodeid, long handle, int mode, long offset, long length)
      throws ErrnoException;

  /**
   * @param dataOnly as fdatasync(2) does
   */
  void fsync(RequestContext context, long nodeid, long handle, boolean dataOnly)
      throws ErrnoException;

  /**
   * Finds data or a hole.
   *
   * @param whence SEEK_DATA or SEEK_HOLE of {@link dev.lamina.sys.Linux}
   * @return the offset found
   * @throws ErrnoException ENXIO where there is none any more
   */
  default long lseek(RequestContext context, long nodeid, long handle, long offset, int whence)
      throws ErrnoException {
    throw ErrnoException.of(Errno.ENOSYS);
  }

  /**
   * Copies from one open file to another.
   *
   * @return the bytes copied, 0 at the end of the source
   * @throws ErrnoException EXDEV where the caller had better read and write
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
   * ioctl(2) of an open file or directory, for what a file system answers: inode flags.
   *
   * @param output gets {@code outSize} bytes
   * @throws ErrnoException ENOTTY for a command that is not known
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

  /** Writes all of the file system out. */
  default void syncfs(RequestContext context, long nodeid) throws ErrnoException {
    throw ErrnoException.of(Errno.ENOSYS);
  }

  /** A file that was offered for passthrough is read and written here after all. */
  default void servesData(long handle) throws ErrnoException {
    // As if it had not been offered.
  }

  /** Closes an open file; nothing can be reported to anyone any more. */
  void release(RequestContext context, long nodeid, long handle);

  void opendir(RequestContext context, long nodeid, int flags, OpenReply reply)
      throws ErrnoException;

  /**
   * Adds entries, {@code .} and {@code ..} among them, from {@code offset} on until the reply is
   * full. The handle may be {@link #NO_HANDLE}: then the directory was not opened, and nothing says
   * when its reader ends. Offset 0 is the beginning, where a listing is made anew (rewinddir(3));
   * any other is one that an entry carried.
   */
  void readdir(RequestContext context, long nodeid, long handle, long offset, DirectoryReply reply)
      throws ErrnoException;

  /**
   * As {@link #readdir}, with each entry's attributes: every entry added with an object counts as a
   * lookup of it.
   */
  default void readdirplus(
      RequestContext context, long nodeid, long handle, long offset, DirectoryPlusReply reply)
      throws ErrnoException {
    throw ErrnoException.of(Errno.ENOSYS);
  }

  void fsyncdir(RequestContext context, long nodeid, long handle, boolean dataOnly)
      throws ErrnoException;

  void releasedir(RequestContext context, long nodeid, long handle);

  void statfs(RequestContext context, long nodeid, FileSystemStat reply) throws ErrnoException;

  /**
   * Reads an extended attribute into native memory.
   *
   * @return the value's length; with {@code size} 0 without reading it
   * @throws ErrnoException ENODATA where there is none, ERANGE where {@code size} is too small
   */
  int getxattr(RequestContext context, long nodeid, byte[] name, long address, int size)
      throws ErrnoException;

  /**
   * Lists the attributes' names, each ended by NUL, into native memory.
   *
   * @return the list's length; with {@code size} 0 without reading it
   */
  int listxattr(RequestContext context, long nodeid, long address, int size) throws ErrnoException;

  /**
   * @param flags 0 or a {@code XATTR_} flag of {@link dev.lamina.sys.Xattrs}
   */
  void setxattr(RequestContext context, long nodeid, byte[] name, long address, int size, int flags)
      throws ErrnoException;

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
