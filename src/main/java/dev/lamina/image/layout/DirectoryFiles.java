package dev.lamina.image.layout;

import dev.lamina.image.Messages;
import dev.lamina.image.file.HostFile;
import dev.lamina.image.file.HostPaths;
import dev.lamina.sys.Fd;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/** The files in a directory of the host. Symbolic links in the directory are not followed. */
public final class DirectoryFiles implements ImageFiles {
  private final Path path;

  /**
   * @param path of the directory, which is opened anew for each access
   */
  public DirectoryFiles(Path path) {
    this.path = path.toAbsolutePath();
  }

  @Override
  public long size(String name) throws IOException {
    try (Fd fd = find(name)) {
      return fd == null ? -1 : HostFile.stat(fd, HostPaths.text(path) + "/" + name).size;
    }
  }

  @Override
  public InputStream open(String name, long offset) throws IOException {
    try (Fd fd = find(name)) {
      if (fd == null) {
        throw missing(name);
      }
      return HostFile.input(fd, offset);
    }
  }

  private Fd find(String name) throws IOException {
    try (Fd directory = HostFile.at(path).openDirectory()) {
      return HostFile.openBeneath(directory, name, path);
    }
  }

  @Override
  public void close() {
    // No file is kept open.
  }

  @Override
  public String toString() {
    return Messages.quote(HostPaths.text(path));
  }
}
