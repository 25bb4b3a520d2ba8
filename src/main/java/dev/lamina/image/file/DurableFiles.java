package dev.lamina.image.file;

import dev.lamina.image.ImageException;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Fd;
import dev.lamina.sys.Linux;
import dev.lamina.sys.TreeRemoval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Changes to files and directories that a crash leaves either undone or complete. */
public final class DurableFiles {
  private static final int DIRECTORY_MODE = 0700;
  private static final int FILE_MODE = 0666;

  private DurableFiles() {}

  /** Creates a directory that only its owner can enter, and missing directories above it. */
  public static void makeDirectories(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    if (directory.getParent() != null) {
      makeDirectories(directory.getParent());
    }
    int result = HostFile.at(directory).makeDirectory(DIRECTORY_MODE);
    if (result != -Errno.EEXIST) {
      check(result, "create the directory", directory);
    }
  }

  /**
   * Creates a file, which must not exist yet, and syncs its contents but not its name: it is for
   * files in directories that are moved into place later.
   */
  public static void write(Path file, byte[] contents) throws IOException {
    HostFile.at(file).create(FILE_MODE, contents);
  }

  /** Moves a file or directory into place, where it may replace a file but not a directory. */
  public static void move(Path from, Path to) throws IOException {
    makeDirectories(to.getParent());
    HostFile.at(from).moveTo(HostFile.at(to));
  }

  /**
   * Moves a directory that is not empty into place.
   *
   * @return false if there is another one already
   */
  public static boolean moveNew(Path from, Path to) throws IOException {
    makeDirectories(to.getParent());
    HostFile target = HostFile.at(to);
    int result = HostFile.at(from).rename(target);
    if (result == -Errno.EEXIST || result == -Errno.ENOTEMPTY) {
      return false;
    }
    check(result, "create", to);
    target.syncParent();
    return true;
  }

  /** Syncs the names in a directory. */
  public static void syncDirectory(Path directory) throws IOException {
    try (Fd fd = HostFile.at(directory).openDirectory()) {
      HostFile.sync(fd, HostPaths.text(directory));
    }
  }

  /** Syncs everything that has been written to the file system that a directory is on. */
  public static void syncFileSystem(Path directory) throws IOException {
    try (Fd fd = HostFile.at(directory).openDirectory()) {
      check(Linux.syncfs(fd.number()), "sync the file system of", directory);
    }
  }

  /** Removes a directory and everything in it. A tree that does not exist is not an error. */
  public static void removeTree(Path tree) throws IOException {
    HostFile directory = HostFile.at(tree.getParent());
    int opened = directory.open(HostFile.DIRECTORY, 0);
    if (opened == -Errno.ENOENT) {
      return;
    }
    directory.check(opened, "open");
    try (Fd parent = new Fd(opened)) {
      int result = TreeRemoval.remove(parent.number(), HostPaths.name(tree));
      if (result != -Errno.ENOENT) {
        check(result, "remove", tree);
      }
    }
  }

  /** Returns the contents of a small file, or null if it does not exist. */
  public static byte[] read(Path file) throws IOException {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** Opens a directory. The caller closes the descriptor. */
  public static int openDirectory(Path path) throws IOException {
    return HostFile.at(path).openDirectory().release();
  }

  /**
   * Checks the result of a system call.
   *
   * @param action for the message: "cannot ACTION FILE: ..."
   * @throws ImageException if the result is a negative errno
   */
  public static void check(int result, String action, Path file) throws ImageException {
    HostFile.check(result, action, HostPaths.text(file));
  }
}
