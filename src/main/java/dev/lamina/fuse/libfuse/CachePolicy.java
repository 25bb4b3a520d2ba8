package dev.lamina.fuse.libfuse;

import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;

/**
 * Decides which data of a file the kernel may cache, and which appends the daemon has to place,
 * given that each name of a file is an inode of its own to the kernel ({@link LinkedFiles}).
 *
 * <p>Cached pages survive an open only if the file, while the kernel knew it, was never open for
 * writing while it had several names. libfuse's {@code auto_cache} goes by size and time instead,
 * which is wrong when a tool resets the time after writing; {@code kernel_cache} is wrong for every
 * file with two names. One limitation remains: through a file that is already open by one name, and
 * has cached pages, data is not seen that was written by another name without changing the file's
 * size.
 *
 * <p>With O_APPEND the kernel writes at the end given by its inode's size, which writes by other
 * names do not update. So the daemon makes such writes at the actual end, whatever the offset. They
 * bypass the kernel's pages where possible, which would otherwise show the data in the wrong place
 * until the kernel asks for the size. FUSE does not transmit the flags of single writes, RWF_APPEND
 * and RWF_NOAPPEND, so they have no effect on such files.
 */
final class CachePolicy {
  /**
   * The minor version of the protocol in Linux 6.9. Since Linux 6.7, which has no version of its
   * own, a write with FOPEN_DIRECT_IO invalidates the pages that it overlaps. Before, readers by
   * the same name would still see zeros after the old end in the last page.
   */
  private static final int DIRECT_WRITES_DROP_PAGES = 40;

  private final LinkedFiles files;
  private volatile boolean canWriteDirectly;

  CachePolicy(LinkedFiles files) {
    this.files = files;
  }

  /** Called when the protocol version has been negotiated. */
  void init(int minorVersion) {
    canWriteDirectly = minorVersion >= DIRECT_WRITES_DROP_PAGES;
  }

  /**
   * Records that a file gets another name. Any process that has it open for writing may change it
   * at any time.
   */
  void linked(long ino, long node) {
    files.add(ino, node);
    files.written(node);
  }

  /** Records that a file is about to be written or truncated. */
  void written(Stat stat, long node) {
    if (stat.nlink > 1) {
      files.add(stat.ino, node);
    }
    files.written(node);
  }

  /**
   * Returns whether pages cached during earlier opens are still correct, by whatever name the file
   * is opened.
   */
  boolean mayKeepPages(long node) {
    return files.mayKeepPages(node);
  }

  /**
   * Returns whether an open file bypasses the kernel's pages. This applies only to files that
   * cannot be read, since others can be mapped, and shared mappings are impossible then.
   */
  boolean bypassesPages(int flags, long node) {
    return canWriteDirectly
        && (flags & OpenFlags.O_APPEND) != 0
        && (flags & OpenFlags.O_ACCMODE) == OpenFlags.O_WRONLY
        && files.contains(node);
  }

  /**
   * Returns whether a write goes to the end of the file instead of the kernel's offset.
   *
   * @param flags the flags of the open file at the time of the write
   */
  boolean appends(int flags, long node) {
    return (flags & OpenFlags.O_APPEND) != 0 && files.contains(node);
  }
}
