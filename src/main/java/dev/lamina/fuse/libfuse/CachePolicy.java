package dev.lamina.fuse.libfuse;

import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;

/**
 * What the kernel may keep of a file's data, and where it leaves appending to us, given that each
 * name of a file is an inode of its own to it ({@link LinkedFiles}).
 *
 * <p>Pages survive an open only of a file that, while the kernel knew it, was never open for
 * writing while it had several names. libfuse's {@code auto_cache} judges by size and time instead,
 * and is wrong when a tool sets the time back after writing; {@code kernel_cache} is wrong for
 * every file with two names. What remains: a file that is already open by one name, and has pages
 * in the kernel, does not see data written by another name without changing its size.
 *
 * <p>With O_APPEND the kernel writes where by its inode's size the file ends, which the other names
 * do not keep up to date. So such writes are made to the end as it is, whatever the offset. Best
 * they bypass the pages that the kernel keeps, or those would show the data in the wrong place
 * until the size is asked for. Not known to FUSE, hence not obeyed for such files, are the flags of
 * single writes, RWF_APPEND and RWF_NOAPPEND.
 */
final class CachePolicy {
  /**
   * The minor number of the protocol in Linux 6.9. Since 6.7, which had no number of its own, a
   * write with FOPEN_DIRECT_IO drops the pages in its way; before, readers by the same name would
   * go on seeing zeros behind what was the end in the last page.
   */
  private static final int DIRECT_WRITES_DROP_PAGES = 40;

  private final LinkedFiles files;
  private volatile boolean canWriteDirectly;

  CachePolicy(LinkedFiles files) {
    this.files = files;
  }

  /** Called when the protocol is agreed upon. */
  void init(int minorVersion) {
    canWriteDirectly = minorVersion >= DIRECT_WRITES_DROP_PAGES;
  }

  /** A file gets one more name; whoever has it open for writing may change it any time. */
  void linked(long ino, long node) {
    files.add(ino, node);
    files.written(node);
  }

  /** A file is about to be written to or cut off. */
  void written(Stat stat, long node) {
    if (stat.nlink > 1) {
      files.add(stat.ino, node);
    }
    files.written(node);
  }

  /** Whether pages from earlier opens are those of the file, by whatever name it is opened. */
  boolean mayKeepPages(long node) {
    return files.mayKeepPages(node);
  }

  /**
   * Whether an open file is to bypass the kernel's pages. Only one that cannot be read from, since
   * others can be mapped, and sharing a mapping is not possible then.
   */
  boolean bypassesPages(int flags, long node) {
    return canWriteDirectly
        && (flags & OpenFlags.O_APPEND) != 0
        && (flags & OpenFlags.O_ACCMODE) == OpenFlags.O_WRONLY
        && files.contains(node);
  }

  /**
   * Whether a write goes to the end of the file and not to the kernel's offset.
   *
   * @param flags of the open file at the time of the write
   */
  boolean appends(int flags, long node) {
    return (flags & OpenFlags.O_APPEND) != 0 && files.contains(node);
  }
}
