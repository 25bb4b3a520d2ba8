package dev.lamina.fuse.libfuse;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the kernel may keep in its caches, given that libfuse 2 makes a kernel inode of every name:
 * the hard links of a file have attributes and pages of their own there, and a change through one
 * does not reach the others. libfuse offers no way to tell the kernel about them, since it does not
 * say which node belongs to which path.
 *
 * <ul>
 *   <li>Names are cached for good: they change only through the kernel, which sees that itself.
 *   <li>Attributes are not cached at all. Any time would be too long: after chmod of one name, stat
 *       of another would show the old mode, and link counts would lag after link and unlink. The
 *       time is one for all answers, so files with one name and directories pay as well.
 *   <li>Pages survive an open only of a file that, as long as this mount has existed, was never
 *       open for writing while it had several names. libfuse's {@code auto_cache} judges by size
 *       and time instead, and is wrong when a tool sets the time back after writing; {@code
 *       kernel_cache} is wrong for every file with two names.
 * </ul>
 */
final class CachePolicy {
  /** Options for the library, in seconds; integers, as it reads them by the locale. */
  static final List<String> OPTIONS =
      List.of("entry_timeout=1000000000", "negative_timeout=1000000000", "attr_timeout=0");

  private final Set<Long> writtenThroughNames = ConcurrentHashMap.newKeySet();

  /** A file gets one more name; whoever has it open for writing may change it any time. */
  void linked(long ino) {
    writtenThroughNames.add(ino);
  }

  /** A file is about to be written to or cut off. */
  void written(long ino, int nlink) {
    if (nlink > 1) {
      writtenThroughNames.add(ino);
    }
  }

  /** Whether pages from earlier opens are those of the file, by whatever name it is opened. */
  boolean mayKeepPages(long ino) {
    return writtenThroughNames.isEmpty() || !writtenThroughNames.contains(ino);
  }
}
