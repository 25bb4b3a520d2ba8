package dev.lamina.run;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The directory of one run, which only its owner can enter. Closing it deletes it; where a file
 * system is still mounted in it, it is left alone.
 */
final class RunDirectory implements AutoCloseable {
  private static final Path USUAL_PARENT = Path.of("/run/lamina");
  private static final String PREFIX = "run-";
  private static final int ID_BYTES = 6;

  private final String id;
  private final Path directory;
  private final List<Path> mountPoints = new ArrayList<>();

  private RunDirectory(String id, Path directory) {
    this.id = id;
    this.directory = directory;
  }

  /**
   * Makes one.
   *
   * @param parent null for the usual one
   * @param wanted its ID; null for any
   */
  static RunDirectory make(Path parent, String wanted) throws RunException {
    String id = wanted == null ? newId() : wanted;
    Path above = parent(parent);
    var ownersOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    try {
      Files.createDirectories(above);
      return new RunDirectory(id, Files.createDirectory(above.resolve(PREFIX + id), ownersOnly));
    } catch (IOException e) {
      throw new RunException("no directory can be made in " + above + ": " + e.getMessage(), e);
    }
  }

  /** That of a run that has ended without closing it; null where there is none. */
  static RunDirectory left(Path parent, String id) {
    RunDirectory runDirectory = new RunDirectory(id, parent(parent).resolve(PREFIX + id));
    if (!Files.isDirectory(runDirectory.directory)) {
      return null;
    }
    for (String name : NamespaceRunner.MOUNT_POINTS) {
      runDirectory.mountPoints.add(runDirectory.path(name));
    }
    return runDirectory;
  }

  private static Path parent(Path given) {
    return given == null ? USUAL_PARENT : given.toAbsolutePath();
  }

  private static String newId() {
    byte[] random = new byte[ID_BYTES];
    new SecureRandom().nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  /** Letters and digits. */
  String id() {
    return id;
  }

  Path directory() {
    return directory;
  }

  Path path(String name) {
    return directory.resolve(name);
  }

  /** Writes a file of mode 0644. */
  Path write(String name, byte[] contents) throws RunException {
    try {
      Path file = Files.write(path(name), contents);
      // Read by any user within the container, whatever the mask of this process.
      return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    } catch (IOException e) {
      throw new RunException(path(name) + " cannot be written: " + e.getMessage(), e);
    }
  }

  Path makeDirectory(String name) throws RunException {
    try {
      return Files.createDirectories(path(name));
    } catch (IOException e) {
      throw new RunException(path(name) + " cannot be made: " + e.getMessage(), e);
    }
  }

  /** A directory to mount at, in a mount namespace of its own. */
  Path makeMountPoint(String name) throws RunException {
    Path point = makeDirectory(name);
    mountPoints.add(point);
    return point;
  }

  Path makeFifo(String name) throws RunException {
    byte[] path = Bytes.of(Bytes.ofPath(path(name)));
    int result = Linux.mknodat(Linux.AT_FDCWD, path, Mode.S_IFIFO | 0600, 0);
    if (result < 0) {
      throw new RunException(path(name) + " cannot be made: " + Errno.message(-result));
    }
    return path(name);
  }

  /** Those made so far. */
  List<Path> mountPoints() {
    return mountPoints;
  }

  /** Also while somebody else, who watches over the run, does the same. */
  @Override
  public void close() throws RunException {
    try {
      for (Path point : mountPoints) {
        // Not recursively: a file system that is mounted there would lose its contents.
        Files.deleteIfExists(point);
      }
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException error)
                throws IOException {
              if (error instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
              }
              throw error;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException error)
                throws IOException {
              Files.deleteIfExists(visited);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new RunException(directory + " cannot be deleted: " + e.getMessage(), e);
    }
  }
}
