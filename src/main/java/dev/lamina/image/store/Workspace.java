package dev.lamina.image.store;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A process's own directory in the store, for what it is making; on the same file system as where
 * that will be. Locked while the process lives, so that what a killed one left can be told.
 */
final class Workspace implements AutoCloseable {
  private static final String LOCK = ".lock";

  private final Path directory;
  private final FileLock lock;
  private final AtomicLong counter = new AtomicLong();

  private Workspace(Path directory, FileLock lock) {
    this.directory = directory;
    this.lock = lock;
  }

  static Workspace make(StorePaths paths) throws IOException {
    String id = Long.toHexString(ThreadLocalRandom.current().nextLong());
    DurableFiles.makeDirectories(paths.temporary());
    FileLock lock = FileLock.exclusive(paths.temporary().resolve(id + LOCK));
    try {
      Path directory = paths.temporary().resolve(id);
      DurableFiles.makeDirectories(directory);
      return new Workspace(directory, lock);
    } catch (IOException e) {
      lock.remove();
      throw e;
    }
  }

  /** A path in it that nothing has. */
  Path newPath() {
    return directory.resolve(Long.toString(counter.incrementAndGet()));
  }

  /** A new directory in it. */
  Path newDirectory() throws IOException {
    Path made = newPath();
    DurableFiles.makeDirectories(made);
    return made;
  }

  /**
   * Takes something out of its place, at once; it is removed with the workspace, when nobody waits
   * for that any more. Nothing happens when it is not there.
   */
  void discard(Path doomed) throws IOException {
    try {
      DurableFiles.move(doomed, newPath());
    } catch (NoSuchFileException e) {
      // Somebody else was quicker.
      return;
    }
  }

  /** Removes the directories of processes that have ended without doing so. */
  static void removeAbandoned(StorePaths paths) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(paths.temporary())) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
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
  }

  @Override
  public void close() throws IOException {
    try {
      DurableFiles.removeTree(directory);
    } finally {
      lock.remove();
    }
  }
}
