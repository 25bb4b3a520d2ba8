package dev.lamina.image.store;

import dev.lamina.image.file.DurableFiles;
import dev.lamina.image.file.FileLock;
import dev.lamina.image.file.HostFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A process's own directory in the store, for what it is making; it is on the same file system as
 * the places for that. It is made when it is first needed, and locked while the process lives,
 * which tells it from what a killed process has left.
 */
final class Workspace implements AutoCloseable {
  private static final String LOCK = ".lock";

  private final StorePaths paths;
  private final String id = Long.toHexString(ThreadLocalRandom.current().nextLong());
  private final AtomicLong counter = new AtomicLong();

  /** The directory's lock; null until the directory is needed. */
  private FileLock lock;

  Workspace(StorePaths paths) {
    this.paths = paths;
  }

  private synchronized Path directory() throws IOException {
    Path directory = paths.temporary().resolve(id);
    if (lock == null) {
      DurableFiles.makeDirectories(paths.temporary());
      FileLock taken = FileLock.exclusive(paths.temporary().resolve(id + LOCK));
      try {
        DurableFiles.makeDirectories(directory);
      } catch (IOException e) {
        taken.remove();
        throw e;
      }
      lock = taken;
    }
    return directory;
  }

  /** Returns a path in the directory at which there is nothing. */
  Path newPath() throws IOException {
    return directory().resolve(Long.toString(counter.incrementAndGet()));
  }

  /** Makes a new directory in it. */
  Path newDirectory() throws IOException {
    Path made = newPath();
    DurableFiles.makeDirectories(made);
    return made;
  }

  /** Removes the directories that killed processes have left. */
  static void removeAbandoned(StorePaths paths) throws IOException {
    for (Path entry : HostFiles.list(paths.temporary())) {
      String name = entry.getFileName().toString();
      if (Discarded.isOne(name)) {
        continue;
      }
      String id = name.endsWith(LOCK) ? name.substring(0, name.length() - LOCK.length()) : name;
      FileLock lock = FileLock.tryExclusive(paths.temporary().resolve(id + LOCK));
      if (lock != null) {
        try {
          DurableFiles.removeTree(paths.temporary().resolve(id));
        } finally {
          lock.remove();
        }
      }
    }
  }

  @Override
  public synchronized void close() throws IOException {
    if (lock == null) {
      return;
    }
    try {
      DurableFiles.removeTree(paths.temporary().resolve(id));
    } finally {
      lock.remove();
      lock = null;
    }
  }
}
