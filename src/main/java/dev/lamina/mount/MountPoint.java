package dev.lamina.mount;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.fuse.Fusermount;
import dev.lamina.fuse.MountException;
import dev.lamina.sys.Errno;
import dev.lamina.sys.FileSystemStat;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/** A directory to mount on, which has an absolute path once it has been checked. */
public final class MountPoint {
  private static final int PATH_MAX = 4096;

  private final byte[] given;
  private final Stat before = new Stat();

  /** Null until the directory has been checked. */
  private byte[] path;

  /** The kernel's ID of this process's mount once it serves; 0 before. */
  private volatile long mountId;

  /**
   * @param path as the user gave it
   */
  public MountPoint(byte[] path) {
    given = path;
  }

  /**
   * Checks the directory. Where much time passes before it is mounted on, this is called again.
   *
   * @throws MountException when nothing can be mounted there
   */
  void check() throws MountException {
    int fd = Linux.openat(Linux.AT_FDCWD, given, OpenFlags.O_PATH, 0);
    if (fd < 0) {
      throw refused(given, -fd);
    }
    try {
      int result = Linux.fstat(fd, before);
      if (result < 0) {
        throw refused(given, -result);
      }
      if (!before.isDirectory()) {
        throw new MountException("mount point " + text(given) + ": not a directory");
      }
      path = absolute(fd);
    } finally {
      Linux.close(fd);
    }
    if (path.length == 1) {
      throw new MountException("mount point /: nothing can be mounted over the root directory");
    }
    if (isLamina(path)) {
      // The attributes may come from the kernel's cache and do not show whether the daemon lives.
      int root = Linux.openat(Linux.AT_FDCWD, path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
      if (root == -Errno.ENOTCONN) {
        throw refused(given, Errno.ENOTCONN);
      }
      if (root >= 0) {
        Linux.close(root);
      }
      throw new MountException("mount point " + text(given) + ": Lamina is mounted there already");
    }
  }

  private static MountException refused(byte[] path, int errno) {
    String why =
        errno == Errno.ENOTCONN
            ? "the daemon of the mount there has ended: unmount it first (lamina umount "
                + text(path)
                + ")"
            : Errno.message(errno);
    return new MountException("mount point " + text(path) + ": " + why);
  }

  /** Returns the absolute path, without symbolic links. */
  byte[] path() {
    return path;
  }

  /**
   * Returns true once the mount answers. It opens the mount, and so must not be called by a thread
   * that serves.
   */
  boolean serves() {
    int fd = Linux.openat(Linux.AT_FDCWD, path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
    if (fd < 0) {
      return false;
    }
    try {
      FileSystemStat fileSystem = new FileSystemStat();
      Stat now = new Stat();
      boolean serves =
          Linux.fstat(fd, now) == 0
              && now.dev != before.dev
              && Linux.fstatfs(fd, fileSystem) == 0
              && fileSystem.type == FileSystemStat.FUSE_MAGIC;
      if (serves) {
        mountId = now.mountId;
      }
      return serves;
    } finally {
      Linux.close(fd);
    }
  }

  /**
   * Unmounts the directory, lazily when it is busy. Does nothing when another mount is there: this
   * one may have been detached, and another one mounted, meanwhile.
   *
   * @return 0 or the negative errno
   */
  int unmount() {
    MountTable.Entry top;
    try {
      top = MountTable.topmost(text(path));
    } catch (IOException e) {
      return -Errno.EIO;
    }
    if (top == null || !top.isLamina() || mountId != 0 && top.id() != mountId) {
      return 0;
    }
    int result = Fusermount.unmount(path, false);
    return result == -Errno.EBUSY ? Fusermount.unmount(path, true) : result;
  }

  /** Returns the absolute path of an open file, as the kernel has it. */
  private static byte[] absolute(int fd) throws MountException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(PATH_MAX);
    byte[] link = ("/proc/self/fd/" + fd).getBytes(ISO_8859_1);
    int length = Linux.readlinkat(Linux.AT_FDCWD, link, Memory.address(buffer), buffer.capacity());
    if (length < 0) {
      throw new MountException("/proc is not mounted: " + Errno.message(-length));
    }
    byte[] path = new byte[length];
    Memory.getBytes(Memory.address(buffer), path, 0, length);
    Reference.reachabilityFence(buffer);
    return path;
  }

  /**
   * Returns the absolute path of a mount point without opening it, which fails for a dead mount:
   * its parent directory is resolved, its own name is taken as it is.
   */
  public static byte[] absoluteName(byte[] path) throws MountException {
    String text = text(path).replaceAll("/+$", "");
    int slash = text.lastIndexOf('/');
    String directory = slash < 0 ? "." : slash == 0 ? "/" : text.substring(0, slash);
    String name = text.substring(slash + 1);
    if (name.isEmpty() || name.equals(".") || name.equals("..")) {
      directory = text(path);
      name = "";
    }
    String parent = text(resolve(directory.getBytes(ISO_8859_1)));
    String separator = name.isEmpty() || parent.endsWith("/") ? "" : "/";
    return (parent + separator + name).getBytes(ISO_8859_1);
  }

  /** Returns the absolute path of what a path leads to; symbolic links are followed. */
  public static byte[] resolve(byte[] path) throws MountException {
    int fd = Linux.openat(Linux.AT_FDCWD, path, OpenFlags.O_PATH, 0);
    if (fd < 0) {
      throw new MountException(text(path) + ": " + Errno.message(-fd));
    }
    try {
      return absolute(fd);
    } finally {
      Linux.close(fd);
    }
  }

  /** Returns true when the topmost mount at an absolute path is one of Lamina's. */
  public static boolean isLamina(byte[] path) throws MountException {
    try {
      MountTable.Entry top = MountTable.topmost(text(path));
      return top != null && top.isLamina();
    } catch (IOException e) {
      throw new MountException("the mount table cannot be read: " + e.getMessage(), e);
    }
  }

  static String text(byte[] path) {
    return new String(path, ISO_8859_1);
  }
}
