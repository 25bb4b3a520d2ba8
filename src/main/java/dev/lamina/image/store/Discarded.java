package dev.lamina.image.store;

import dev.lamina.image.file.DurableFiles;
import dev.lamina.image.file.HostFiles;
import dev.lamina.image.file.HostPaths;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Takes things out of their places in the store at once, and removes them later, when nobody waits
 * for that. They are moved aside, which needs no space on a full disk. What was moved aside belongs
 * to nobody: any process that finds it may remove it.
 */
final class Discarded implements AutoCloseable {
  private static final String PREFIX = "discarded-";

  private final StorePaths paths;
  private final List<Path> own = new ArrayList<>();

  Discarded(StorePaths paths) {
    this.paths = paths;
  }

  /** Tells discarded things from others in the store's temporary directory, by their names. */
  static boolean isOne(String name) {
    return name.startsWith(PREFIX);
  }

  /** Moves something aside. Does nothing when it is not there: another process was quicker. */
  synchronized void add(Path doomed) throws IOException {
    DurableFiles.makeDirectories(paths.temporary());
    String name = PREFIX + Long.toHexString(ThreadLocalRandom.current().nextLong());
    Path aside = paths.temporary().resolve(name);
    int result =
        Linux.renameat2(
            Linux.AT_FDCWD, HostPaths.bytes(doomed), Linux.AT_FDCWD, HostPaths.bytes(aside), 0);
    if (result == -Errno.ENOENT) {
      return;
    }
    DurableFiles.check(result, "remove", doomed);
    own.add(aside);
    DurableFiles.syncDirectory(doomed.getParent());
  }

  /** Removes all that was moved aside, also by processes that have been killed since. */
  void removeAll() throws IOException {
    for (Path entry : HostFiles.list(paths.temporary())) {
      if (isOne(entry.getFileName().toString())) {
        DurableFiles.removeTree(entry);
      }
    }
  }

  @Override
  public synchronized void close() throws IOException {
    for (Path aside : own) {
      DurableFiles.removeTree(aside);
    }
    own.clear();
  }
}
