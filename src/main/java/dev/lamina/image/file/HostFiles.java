package dev.lamina.image.file;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks for files and directories. Only an answer of the kernel that a file does not exist counts
 * as its absence; any other error is thrown. {@link Files#exists} and {@link Files#isDirectory}
 * answer false on every error, and a garbage collection that relied on them would take what it
 * cannot see for what no one needs.
 */
public final class HostFiles {
  private HostFiles() {}

  /**
   * Returns true if a path leads to a file of any type. Symbolic links are followed.
   *
   * @throws IOException if that cannot be determined
   */
  public static boolean exists(Path path) throws IOException {
    HostFile file = HostFile.at(path);
    int fd = file.open(OpenFlags.O_PATH, 0);
    if (fd == -Errno.ENOENT || fd == -Errno.ENOTDIR) {
      return false;
    }
    file.check(fd, "access");
    // Closing an O_PATH descriptor cannot fail: there is no data to write back.
    Linux.close(fd);
    return true;
  }

  /**
   * Returns the entries of a directory, in no particular order; an empty list if the directory does
   * not exist.
   *
   * @throws IOException if it cannot be read or is not a directory
   */
  public static List<Path> list(Path directory) throws IOException {
    List<Path> all = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      entries.forEach(all::add);
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return all;
  }
}
