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
 * Where {@code lamina run} mounts an image: a directory of its own, and beside it a lock that tells
 * what goes when the run ends. Its process holds that, so that what a killed one has left can be
 * told from what is in use. Closing it gives the lock up and leaves everything as it is; {@link
 * RunPlaces#end} removes everything.
 */
public final class RunPlace implements AutoCloseable {
  private static final String LOCK = ".lock";
  private static final String NOTES = ".notes";
  private static final String WHAT = "what is known of a run";

  private final String id;
  private final Path directory;
  private final FileLock lock;

  /** Null where it is not known, or there is none. */
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
   * Makes one.
   *
   * @param directory where there is nothing yet
   * @param removesMount whether the mount, with what was changed in it, is removed at the end
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

  /** One that a process has left; null while that still has it. */
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
      // It was killed before it had written all of it, or mounted anything.
      return new RunPlace(directory, lock, null, false);
    }
  }

  private static Path lockFile(Path directory) {
    return directory.resolveSibling(directory.getFileName() + LOCK);
  }

  /** Twelve hexadecimal digits, which no other run of this store has. */
  public String id() {
    return id;
  }

  /** Where the image is mounted, without symbolic links. */
  public Path directory() {
    return directory;
  }

  /** Beside it, a file for what its run notes; it goes with the place. */
  public Path notes() {
    return directory.resolveSibling(id + NOTES);
  }

  /** When it was made, before anything was mounted. */
  public Instant begun() throws IOException {
    return Files.getLastModifiedTime(lockFile(directory)).toInstant();
  }

  /** The ID of the one that a file or directory belongs to. */
  static String idOf(Path entry) {
    return entry.getFileName().toString().replaceFirst("(?<=.)\\..*", "");
  }

  String mount() {
    return mount;
  }

  boolean removesMount() {
    return removesMount;
  }

  /** Nothing is left that it stands for. */
  void remove() throws IOException {
    Files.deleteIfExists(notes());
    lock.remove();
  }

  @Override
  public void close() {
    lock.close();
  }
}
