package dev.lamina.image.file;

import dev.lamina.image.ImageException;
import dev.lamina.image.Words;
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
 * Asks the host what is there. Only the host's own "no such file" counts as "it is not there": an
 * error is passed on, where {@link Files#exists} and {@link Files#isDirectory} answer false, by
 * which a garbage collection would take what it cannot see for what nobody needs.
 */
public final class HostFiles {
  private HostFiles() {}

  /**
   * Whether a path leads to something; symbolic links are followed.
   *
   * @throws IOException when that cannot be told
   */
  public static boolean exists(Path path) throws IOException {
    int fd = Linux.openat(Linux.AT_FDCWD, HostPaths.bytes(path), OpenFlags.O_PATH, 0);
    if (fd == -Errno.ENOENT || fd == -Errno.ENOTDIR) {
      return false;
    }
    if (fd < 0) {
      throw new ImageException(
          "cannot look at " + Words.quote(HostPaths.text(path)) + ": " + Errno.message(-fd));
    }
    // An O_PATH descriptor has nothing to write back: closing it cannot fail.
    Linux.close(fd);
    return true;
  }

  /**
   * What is in a directory, in no order; nothing where there is no such directory.
   *
   * @throws IOException when it cannot be read, or is no directory
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
