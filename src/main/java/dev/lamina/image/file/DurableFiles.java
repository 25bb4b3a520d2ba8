package dev.lamina.image.file;

import dev.lamina.image.ImageException;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.TreeRemoval;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Changes to the store that are there whole after a crash, or not at all. */
public final class DurableFiles {
  private static final int DIRECTORY = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;

  private DurableFiles() {}

  /** Makes a directory that only the store's owner may enter, and those above it. */
  public static void makeDirectories(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    if (directory.getParent() != null) {
      makeDirectories(directory.getParent());
    }
    int result = Linux.mkdirat(Linux.AT_FDCWD, HostPaths.bytes(directory), 0700);
    if (result != -Errno.EEXIST) {
      check(result, "make the directory", directory);
    }
  }

  /** Writes a new file in a directory that is not in its place yet. */
  public static void write(Path file, byte[] contents) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(contents);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  /** Puts a file or directory in its place, where there may be an old file but no directory. */
  public static void move(Path from, Path to) throws IOException {
    makeDirectories(to.getParent());
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    syncDirectory(to.getParent());
  }

  /**
   * Puts a directory that is not empty in its place.
   *
   * @return false when another one is there
   */
  public static boolean moveNew(Path from, Path to) throws IOException {
    makeDirectories(to.getParent());
    int result =
        Linux.renameat2(
            Linux.AT_FDCWD, HostPaths.bytes(from), Linux.AT_FDCWD, HostPaths.bytes(to), 0);
    if (result == -Errno.EEXIST || result == -Errno.ENOTEMPTY) {
      return false;
    }
    check(result, "make", to);
    syncDirectory(to.getParent());
    return true;
  }

  /** Makes the names in a directory last. */
  public static void syncDirectory(Path directory) throws IOException {
    int fd = open(directory, DIRECTORY);
    try {
      check(Linux.fsync(fd), "write out", directory);
    } finally {
      Linux.close(fd);
    }
  }

  /** Makes everything on the file system last that was written before. */
  public static void syncFileSystem(Path directory) throws IOException {
    int fd = open(directory, DIRECTORY);
    try {
      check(Linux.syncfs(fd), "write out", directory);
    } finally {
      Linux.close(fd);
    }
  }

  /** Removes a tree; nothing happens when there is none. */
  public static void removeTree(Path tree) throws IOException {
    Path parent = tree.getParent();
    int fd = Linux.openat(Linux.AT_FDCWD, HostPaths.bytes(parent), DIRECTORY, 0);
    if (fd == -Errno.ENOENT) {
      return;
    }
    check(fd, "open", parent);
    try {
      int result = TreeRemoval.remove(fd, HostPaths.name(tree));
      if (result != -Errno.ENOENT) {
        check(result, "remove", tree);
      }
    } finally {
      Linux.close(fd);
    }
  }

  /** A small file's contents; null when there is none. */
  public static byte[] read(Path file) throws IOException {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** A descriptor of a directory, which is the caller's to close. */
  public static int openDirectory(Path path) throws IOException {
    return open(path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
  }

  private static int open(Path path, int flags) throws IOException {
    int fd = Linux.openat(Linux.AT_FDCWD, HostPaths.bytes(path), flags, 0);
    check(fd, "open", path);
    return fd;
  }

  public static void check(int result, String action, Path path) throws ImageException {
    if (result < 0) {
      throw new ImageException("cannot " + action + " " + path + ": " + Errno.message(-result));
    }
  }
}
