package dev.lamina.image.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import dev.lamina.image.file.DurableFiles;
import dev.lamina.image.file.FileLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/**
 * A directory in which {@code lamina run} mounts an image, and beside it a lock file that says what
 * is removed when the run ends. The process of the run holds the lock, which tells a run that is
 * under way from what a killed one has left. Closing the place releases the lock and leaves
 * everything as it is; {@link RunPlaces#end} removes everything.
 */
public final class RunPlace implements AutoCloseable {
  private static final String LOCK = ".lock";
  private static final String NOTES = ".notes";
  private static final String WHAT = "the record of a run";

  private final String id;
  private final Path directory;
  private final FileLock lock;

  /** The name of the mount; null where it is not known. */
  private final String mount;

  private final boolean removesMount;

  private RunPlace(Path directory, FileLock lock, String mount, boolean removesMount) {
    id = directory.getFileName().toString();
    this.directory = directory;
    this.lock = lock;
    this.mount = mount;
    this.removesMount = removesMount;
  }

  /**
   * Makes a place.
   *
   * @param directory does not exist yet
   * @param removesMount whether the mount, with all changes made in it, is removed at the end
   */
  static RunPlace make(Path directory, String mount, boolean removesMount) throws IOException {
    Path file = lockFile(directory);
    FileLock lock = FileLock.exclusive(file);
    try {
      ObjectNode known = Json.object().put("mount", mount).put("remove", removesMount);
      Files.write(file, Json.bytes(known));
      DurableFiles.makeDirectories(directory);
      return new RunPlace(directory, lock, mount, removesMount);
    } catch (IOException e) {
      lock.remove();
      throw e;
    }
  }

  /** Takes over a place that a process has left; returns null while a process still has it. */
  static RunPlace takeOver(Path directory) throws IOException {
    FileLock lock = FileLock.tryExclusive(lockFile(directory));
    if (lock == null) {
      return null;
    }
    byte[] known = DurableFiles.read(lockFile(directory));
    try {
      ObjectNode object = Json.parse(WHAT, known);
      return new RunPlace(
          directory,
          lock,
          Json.required(WHAT, object, "mount"),
          object.path("remove").asBoolean(false));
    } catch (ImageException e) {
      // The process was killed before it had written all of the file, and had mounted nothing.
      return new RunPlace(directory, lock, null, false);
    }
  }

  private static Path lockFile(Path directory) {
    return directory.resolveSibling(directory.getFileName() + LOCK);
  }

  /** Returns twelve hexadecimal digits that no other run of this store has. */
  public String id() {
    return id;
  }

  /** Returns the directory that the image is mounted on, without symbolic links. */
  public Path directory() {
    return directory;
  }

  /** Returns a file beside the directory for what the run notes; it is removed with the place. */
  public Path notes() {
    return directory.resolveSibling(id + NOTES);
  }

  /** Returns when the place was made, before anything was mounted. */
  public Instant begun() throws IOException {
    return Files.getLastModifiedTime(lockFile(directory)).toInstant();
  }

  /** Returns the ID of the place that a file or directory belongs to. */
  static String idOf(Path entry) {
    return entry.getFileName().toString().replaceFirst("(?<=.)\\..*", "");
  }

  String mount() {
    return mount;
  }

  boolean removesMount() {
    return removesMount;
  }

  /** Removes its files, when nothing else is left. */
  void remove() throws IOException {
    Files.deleteIfExists(notes());
    lock.remove();
  }

  @Override
  public void close() {
    lock.close();
  }
}
