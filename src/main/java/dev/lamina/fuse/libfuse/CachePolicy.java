package dev.lamina.fuse.libfuse;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Whether the kernel may keep a file's pages from one open to the next. libfuse 2 makes a kernel
 * inode of every name, so the hard links of a file have pages of their own there, and data written
 * through one does not reach the others.
 *
 * <p>Pages survive an open only of a file that, as long as this mount has existed, was never open
 * for writing while it had several names. libfuse's {@code auto_cache} judges by size and time
 * instead, and is wrong when a tool sets the time back after writing; {@code kernel_cache} is wrong
 * for every file with two names. What remains: a file that is already open by one name, and has
 * pages in the kernel, does not see data written by another name without changing its size.
 */
final class CachePolicy {
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
