package dev.lamina.fuse;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.sys.DescriptorSocket;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Fd;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mounts;
import dev.lamina.sys.ProcessCalls;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Mounts and unmounts for users without the privilege to do so, with the setuid-root program
 * fusermount3(1). The program opens the device, mounts, and sends the open device over the socket
 * that the environment variable _FUSE_COMMFD names.
 */
public final class Fusermount {
  private static final String PROGRAM = "fusermount3";
  private static final byte[] ROOT = {'/'};
  private static final int STANDARD_INPUT = 0;
  private static final long SECONDS = 10;

  private Fusermount() {}

  /**
   * Mounts a file system. No other thread may use relative paths meanwhile: the current directory
   * becomes the mount point, because Java cannot pass on every name unchanged, and is the root
   * directory afterwards.
   *
   * @param options mount options of fuse(8), separated by commas
   * @return the open device, which the caller closes
   * @throws MountException with the message of the program, or why it could not be run
   */
  public static Fd mount(byte[] mountPoint, String options) throws MountException {
    DescriptorSocket[] pair = new DescriptorSocket[1];
    int result = DescriptorSocket.open(pair);
    if (result < 0) {
      throw new MountException(
          "cannot create the socket pair for " + PROGRAM + ": " + text(result));
    }
    try (DescriptorSocket socket = pair[0]) {
      Process process = start(socket, mountPoint, options);
      // The program's messages fit into the pipe; they are read after it has ended.
      int device = socket.receive();
      String error = new String(process.getErrorStream().readAllBytes(), ISO_8859_1).strip();
      if (device >= 0) {
        return new Fd(device);
      }
      throw new MountException(
          error.isEmpty() ? PROGRAM + " did not pass on /dev/fuse: " + text(device) : error);
    } catch (IOException e) {
      throw new MountException(
          "cannot run "
              + PROGRAM
              + ", which users other than root need to mount (install the package fuse3): "
              + reason(e),
          e);
    }
  }

  /**
   * Starts the program with the socket as its standard input, the only descriptor that Java can
   * pass on.
   */
  private static Process start(DescriptorSocket socket, byte[] mountPoint, String options)
      throws MountException, IOException {
    ProcessBuilder builder = new ProcessBuilder(PROGRAM, "-o", options, "--", ".");
    builder.redirectInput(ProcessBuilder.Redirect.INHERIT);
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("_FUSE_COMMFD", Integer.toString(STANDARD_INPUT));
    int saved = Linux.fcntl(STANDARD_INPUT, Linux.F_DUPFD_CLOEXEC, STANDARD_INPUT + 1);
    try {
      check(ProcessCalls.chdir(mountPoint));
      check(Linux.dup3(socket.other(), STANDARD_INPUT, 0));
      return builder.start();
    } finally {
      socket.closeOther();
      ProcessCalls.chdir(ROOT);
      if (saved >= 0) {
        Linux.dup3(saved, STANDARD_INPUT, 0);
        Linux.close(saved);
      } else {
        Linux.close(STANDARD_INPUT);
      }
    }
  }

  private static void check(int result) throws MountException {
    if (result < 0) {
      throw new MountException("cannot start " + PROGRAM + ": " + text(result));
    }
  }

  /**
   * Unmounts a file system with umount2(2) or, for users without the privilege, with the program.
   *
   * @param path the absolute path of the mount point; a symbolic link in the last component is not
   *     followed
   * @param isLazy whether a busy mount is detached at once and removed when it is no longer busy
   * @return 0 or the negative errno: EBUSY, EINVAL if nothing is mounted there, EPERM
   */
  public static int unmount(byte[] path, boolean isLazy) {
    int flags = Mounts.UMOUNT_NOFOLLOW | (isLazy ? Mounts.MNT_DETACH : 0);
    int result = Mounts.umount2(path, flags);
    return result == -Errno.EPERM && ProcessCalls.geteuid() != 0
        ? callUnmount(path, isLazy)
        : result;
  }

  private static int callUnmount(byte[] path, boolean isLazy) {
    // The shell passes on the bytes of a name unchanged, except for newlines at the end, which the
    // dot protects. Systems without libfuse 3 have the fusermount of libfuse 2.
    String script =
        "path=$(cat; echo .); command -v fusermount3 >/dev/null && program=fusermount3;"
            + " exec ${program-fusermount} -u \"$@\" -- \"${path%.}\"";
    List<String> command = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    if (isLazy) {
      command.add("-z");
    }
    try {
      Process process =
          new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
      try (OutputStream name = process.getOutputStream()) {
        name.write(path);
      }
      // The program's messages fit into the pipe, so they do not keep it from ending.
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return -Errno.ETIMEDOUT;
      }
      String error = new String(process.getErrorStream().readAllBytes(), ISO_8859_1);
      if (process.exitValue() == 0) {
        return 0;
      }
      return error.strip().endsWith("resource busy") ? -Errno.EBUSY : -Errno.EPERM;
    } catch (IOException e) {
      return -Errno.EPERM;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -Errno.EINTR;
    }
  }

  private static String text(int result) {
    return Errno.message(-result);
  }

  private static String reason(IOException e) {
    return e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
  }
}
