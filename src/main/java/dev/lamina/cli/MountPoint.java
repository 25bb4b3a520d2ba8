package dev.lamina.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.fuse.MountException;
import dev.lamina.sys.Errno;
import dev.lamina.sys.FileSystemStat;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.Mounts;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory to mount on: checked, and known by its absolute path. */
final class MountPoint {
  private static final int PATH_MAX = 4096;
  private static final String TYPE = "fuse.lamina";

  private final byte[] path;
  private final Stat before = new Stat();

  /**
   * @param path as the user gave it
   * @throws MountException when nothing can be mounted there
   */
  MountPoint(byte[] path) throws MountException {
    int fd = Linux.openat(Linux.AT_FDCWD, path, OpenFlags.O_PATH, 0);
    if (fd < 0) {
      throw new MountException("mount point " + text(path) + ": " + Errno.message(-fd));
    }
    try {
      int result = Linux.fstat(fd, before);
      if (result < 0) {
        throw new MountException("mount point " + text(path) + ": " + Errno.message(-result));
      }
      if (!before.isDirectory()) {
        throw new MountException("mount point " + text(path) + ": not a directory");
      }
      this.path = absolute(fd);
    } finally {
      Linux.close(fd);
    }
    if (isLamina(this.path)) {
      throw new MountException("mount point " + text(path) + ": Lamina is mounted there already");
    }
  }

  /** Absolute, without symbolic links. */
  byte[] path() {
    return path;
  }

  /** True once the mount answers. Opens and asks it, so it is not for a thread that serves. */
  boolean serves() {
    int fd = Linux.openat(Linux.AT_FDCWD, path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
    if (fd < 0) {
      return false;
    }
    try {
      FileSystemStat fileSystem = new FileSystemStat();
      Stat now = new Stat();
      return Linux.fstat(fd, now) == 0
          && now.dev != before.dev
          && Linux.fstatfs(fd, fileSystem) == 0
          && fileSystem.type == FileSystemStat.FUSE_MAGIC;
    } finally {
      Linux.close(fd);
    }
  }

  /** Unmounts, lazily when it is busy; 0 or the negative errno. */
  int unmount() {
    int result = Mounts.umount2(path, Mounts.UMOUNT_NOFOLLOW);
    if (result == -Errno.EBUSY) {
      result = Mounts.umount2(path, Mounts.UMOUNT_NOFOLLOW | Mounts.MNT_DETACH);
    }
    return result;
  }

  /** The absolute path behind a descriptor, by the kernel's word. */
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

  /** True when the topmost mount at an absolute path is one of ours. */
  static boolean isLamina(byte[] path) throws MountException {
    boolean found = false;
    String wanted = text(path);
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/mounts"), ISO_8859_1)) {
        String[] fields = line.split(" ");
        if (unescape(fields[1]).equals(wanted)) {
          found = fields[2].equals(TYPE);
        }
      }
    } catch (IOException e) {
      throw new MountException("/proc/self/mounts cannot be read", e);
    }
    return found;
  }

  /** Undoes the octal escapes of proc(5). */
  private static String unescape(String field) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < field.length(); i++) {
      char at = field.charAt(i);
      if (at == '\\' && i + 3 < field.length()) {
        plain.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        plain.append(at);
      }
    }
    return plain.toString();
  }

  static String text(byte[] path) {
    return new String(path, ISO_8859_1);
  }
}
