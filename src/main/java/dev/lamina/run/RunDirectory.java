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
 * The directory for the files of one run, which only its owner can enter. Closing it deletes the
 * directory, unless a file system is still mounted in it.
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
   * Makes the directory of a new run.
   *
   * @param parent the directory to make it in; null for the default
   * @param wanted the ID of the run; null for a random one
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
      throw new RunException("cannot make a directory in " + above + ": " + e.getMessage(), e);
    }
  }

  /** Returns the directory of a run that was killed, or null if it does not exist. */
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

  /** Returns the ID of the run, of letters and digits. */
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
      // Any user in the container must be able to read it, whatever the umask of this process.
      return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    } catch (IOException e) {
      throw new RunException("cannot write " + path(name) + ": " + e.getMessage(), e);
    }
  }

  Path makeDirectory(String name) throws RunException {
    try {
      return Files.createDirectories(path(name));
    } catch (IOException e) {
      throw new RunException("cannot make " + path(name) + ": " + e.getMessage(), e);
    }
  }

  /** Makes a directory that is a mount point in the mount namespace of the run only. */
  Path makeMountPoint(String name) throws RunException {
    Path point = makeDirectory(name);
    mountPoints.add(point);
    return point;
  }

  Path makeFifo(String name) throws RunException {
    byte[] path = Bytes.of(Bytes.ofPath(path(name)));
    int result = Linux.mknodat(Linux.AT_FDCWD, path, Mode.S_IFIFO | 0600, 0);
    if (result < 0) {
      throw new RunException("cannot make " + path(name) + ": " + Errno.message(-result));
    }
    return path(name);
  }

  /** Returns the mount points made so far. */
  List<Path> mountPoints() {
    return mountPoints;
  }

  /** Deletes the directory, even if {@link RunCleanup} deletes it at the same time. */
  @Override
  public void close() throws RunException {
    try {
      for (Path point : mountPoints) {
        // Not recursively, because that would delete the contents of a file system mounted there.
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
      throw new RunException("cannot delete " + directory + ": " + e.getMessage(), e);
    }
  }
}
