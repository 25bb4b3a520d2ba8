package dev.lamina.image.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.ImageException;
import dev.lamina.image.Messages;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Fd;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One file or directory of the host: its path, or its name in an open directory. It can be opened,
 * created, renamed and removed, and every failure becomes an {@link ImageException} that names the
 * file. The caller closes the descriptors that are returned.
 */
public final class HostFile {
  /** The beginning of the names of {@link #temporaryName temporary names}. */
  public static final String TEMPORARY_PREFIX = ".lamina-";

  private static final String DESCRIPTORS = "/proc/self/fd/";

  /** Flags that open a directory for reading. */
  static final int DIRECTORY = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;

  /** Null for a path. */
  private final Fd directory;

  private final byte[] name;
  private final String shown;

  private HostFile(Fd directory, byte[] name, String shown) {
    this.directory = directory;
    this.name = name;
    this.shown = shown;
  }

  /** The file at a path. Symbolic links in the path are followed. */
  public static HostFile at(Path path) {
    return new HostFile(null, HostPaths.bytes(path), HostPaths.text(path));
  }

  /**
   * The file of a name in an open directory.
   *
   * @param name one path component, each byte as a character
   * @param path of the directory, each byte as a character, for messages
   */
  public static HostFile in(Fd directory, String name, String path) {
    return new HostFile(directory, name.getBytes(ISO_8859_1), path + "/" + name);
  }

  /** The file of another name in the same directory. Messages show the name of this file. */
  public HostFile sibling(String other) {
    byte[] bytes = other.getBytes(ISO_8859_1);
    int start = HostPaths.nameStart(name);
    byte[] whole = Arrays.copyOf(name, start + bytes.length);
    System.arraycopy(bytes, 0, whole, start, bytes.length);
    return new HostFile(directory, whole, shown);
  }

  /** A random name for a file that is renamed when it is complete. */
  public static String temporaryName() {
    return TEMPORARY_PREFIX + Long.toHexString(ThreadLocalRandom.current().nextLong());
  }

  private int directory() {
    return directory == null ? Linux.AT_FDCWD : directory.number();
  }

  /**
   * openat(2).
   *
   * @return the descriptor, or the negative errno
   */
  int open(int flags, int mode) {
    return Linux.openat(directory(), name, flags, mode);
  }

  private Fd opened(int flags, int mode, String action) throws ImageException {
    int fd = open(flags, mode);
    check(fd, action);
    return new Fd(fd);
  }

  /** Opens a file for reading. A symbolic link is followed. */
  public Fd openForReading() throws ImageException {
    return opened(OpenFlags.O_RDONLY, 0, "open");
  }

  /** Opens a directory. A symbolic link is followed. */
  public Fd openDirectory() throws ImageException {
    return opened(DIRECTORY, 0, "open");
  }

  /**
   * Opens a directory without following a symbolic link.
   *
   * @return null if there is no directory of this name
   */
  public Fd openDirectoryIfExists() throws ImageException {
    int fd = open(DIRECTORY | OpenFlags.O_NOFOLLOW, 0);
    if (fd == -Errno.ENOENT || fd == -Errno.ENOTDIR) {
      return null;
    }
    check(fd, "open");
    return new Fd(fd);
  }

  /** Opens a directory without following a symbolic link, and creates it if it is missing. */
  public Fd createDirectory() throws ImageException {
    int result = makeDirectory(0777);
    if (result == 0) {
      syncParent();
    } else if (result != -Errno.EEXIST && result != -Errno.EROFS) {
      check(result, "create");
    }
    return opened(DIRECTORY | OpenFlags.O_NOFOLLOW, 0, "open");
  }

  /**
   * mkdirat(2).
   *
   * @return 0 or the negative errno
   */
  int makeDirectory(int mode) {
    return Linux.mkdirat(directory(), name, mode);
  }

  /** Creates a file, which must not exist yet, for reading and writing. */
  public Fd create(int mode) throws ImageException {
    return opened(OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL, mode, "create");
  }

  /** Creates a file, which must not exist yet, with the given contents, and syncs them. */
  public void create(int mode, byte[] contents) throws IOException {
    try (Fd fd = create(mode)) {
      try (OutputStream out = output(fd, shown)) {
        out.write(contents);
      }
      sync(fd, shown);
    }
  }

  /**
   * Renames this file to the target, where it replaces an existing file, and syncs the target's
   * directory. After a crash the target is either the old file or this one.
   */
  public void moveTo(HostFile target) throws ImageException {
    target.check(rename(target), "create");
    target.syncParent();
  }

  /**
   * renameat2(2).
   *
   * @return 0 or the negative errno
   */
  int rename(HostFile target) {
    return Linux.renameat2(directory(), name, target.directory(), target.name, 0);
  }

  /**
   * Removes a file.
   *
   * @return false if it does not exist
   */
  public boolean remove() throws ImageException {
    int result = unlink();
    if (result == -Errno.ENOENT) {
      return false;
    }
    check(result, "remove");
    return true;
  }

  /** Removes a file. If that fails, the file stays and no error is reported. */
  public void discard() {
    unlink();
  }

  private int unlink() {
    return Linux.unlinkat(directory(), name, 0);
  }

  /**
   * The attributes of this file itself, as statx(2) without following a symbolic link returns them.
   *
   * @return 0 or the negative errno
   */
  int stat(Stat stat) {
    return Linux.statx(directory(), name, stat);
  }

  /** Syncs the directory that contains this file, so that its name survives a crash. */
  void syncParent() throws ImageException {
    if (directory != null) {
      sync(directory, shown);
      return;
    }
    byte[] parent = Arrays.copyOf(name, Math.max(HostPaths.nameStart(name) - 1, 1));
    String path = new String(parent, ISO_8859_1);
    try (Fd fd = new HostFile(null, parent, path).openDirectory()) {
      sync(fd, path);
    }
  }

  /**
   * Opens a regular file below a directory without following any symbolic link, and without waiting
   * for a writer if it is a FIFO.
   *
   * @param path relative, without {@code ..}
   * @param shown the directory, for messages
   * @return null if there is no such file
   */
  public static Fd openBeneath(Fd directory, String path, Path shown) throws IOException {
    int fd =
        Linux.openat2(
            directory.number(),
            path.getBytes(ISO_8859_1),
            OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK,
            0,
            Linux.RESOLVE_BENEATH | Linux.RESOLVE_NO_SYMLINKS);
    if (fd == -Errno.ENOENT || fd == -Errno.ENOTDIR) {
      return null;
    }
    String file = HostPaths.text(shown) + "/" + path;
    if (fd == -Errno.ELOOP) {
      throw new ImageException(
          Messages.quote(file)
              + " is a symbolic link or is reached through one; symbolic links are not followed"
              + " here");
    }
    check(fd, "open", file);
    Fd opened = new Fd(fd);
    try {
      if (stat(opened, file).isRegular()) {
        return opened;
      }
    } catch (IOException e) {
      opened.close();
      throw e;
    }
    opened.close();
    throw new ImageException(Messages.quote(file) + " is not a regular file");
  }

  /**
   * The attributes of an open file.
   *
   * @param shown the file, for messages
   */
  public static Stat stat(Fd fd, String shown) throws IOException {
    Stat stat = new Stat();
    check(Linux.fstat(fd.number(), stat), "read the attributes of", shown);
    return stat;
  }

  /**
   * Returns a stream that reads an open file from an offset on. The stream has a position of its
   * own and stays open when the descriptor is closed.
   */
  public static InputStream input(Fd fd, long offset) throws IOException {
    FileInputStream in = new FileInputStream(DESCRIPTORS + fd.number());
    try {
      in.getChannel().position(offset);
      return in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  /**
   * Returns a stream that writes to an open file, which must be empty. The stream stays open when
   * the descriptor is closed.
   *
   * @param shown the file, for messages: Java's own errors do not name it
   */
  public static OutputStream output(Fd fd, String shown) throws IOException {
    return new FileOutputStream(DESCRIPTORS + fd.number()) {
      @Override
      public void write(byte[] buffer, int offset, int length) throws IOException {
        try {
          super.write(buffer, offset, length);
        } catch (IOException e) {
          throw new IOException("cannot write " + Messages.quote(shown) + ": " + e.getMessage(), e);
        }
      }

      @Override
      public void write(byte[] buffer) throws IOException {
        write(buffer, 0, buffer.length);
      }
    };
  }

  /**
   * Syncs an open file's data, or the names in an open directory, to the disk. Until then a crash
   * may lose them.
   *
   * @param shown the file, for messages
   */
  public static void sync(Fd fd, String shown) throws ImageException {
    check(Linux.fsync(fd.number()), "sync", shown);
  }

  /** Checks the result of a system call on this file. */
  void check(int result, String action) throws ImageException {
    check(result, action, shown);
  }

  /**
   * Checks the result of a system call.
   *
   * @param action for the message: "cannot ACTION FILE: ..."
   * @param file each byte as a character
   * @throws ImageException if the result is a negative errno
   */
  static void check(int result, String action, String file) throws ImageException {
    if (result < 0) {
      throw new ImageException(
          "cannot " + action + " " + Messages.quote(file) + ": " + Errno.message(-result));
    }
  }

  /** The file for messages, each byte as a character. */
  @Override
  public String toString() {
    return shown;
  }
}
