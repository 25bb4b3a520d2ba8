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
 * Mounts and unmounts for those who may not, with fusermount3(1), which is root's. It opens the
 * device, mounts, and sends the open device over the socket that _FUSE_COMMFD names.
 */
public final class Fusermount {
  private static final String PROGRAM = "fusermount3";
  private static final byte[] ROOT = {'/'};
  private static final int STANDARD_INPUT = 0;
  private static final long SECONDS = 10;

  private Fusermount() {}

  /**
   * Mounts. Not while other threads use relative paths: meanwhile the current directory is the
   * mount point, because Java cannot pass every name on as it is; afterwards it is the root.
   *
   * @param options those of fuse(8), separated by commas
   * @return the open device, which is the caller's
   * @throws MountException in words for the user
   */
  public static Fd mount(byte[] mountPoint, String options) throws MountException {
    DescriptorSocket[] pair = new DescriptorSocket[1];
    int result = DescriptorSocket.open(pair);
    if (result < 0) {
      throw new MountException("cannot make a socket for " + PROGRAM + ": " + text(result));
    }
    try (DescriptorSocket socket = pair[0]) {
      Process process = start(socket, mountPoint, options);
      // What it has to say is little, and read when it has ended.
      int device = socket.receive();
      String error = new String(process.getErrorStream().readAllBytes(), ISO_8859_1).strip();
      if (device >= 0) {
        return new Fd(device);
      }
      throw new MountException(
          error.isEmpty() ? PROGRAM + " sent no device: " + text(device) : error);
    } catch (IOException e) {
      throw new MountException("only root may mount without " + PROGRAM + ": " + reason(e), e);
    }
  }

  /** Starts it with the socket as its standard input, the one way to pass a descriptor on. */
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
      throw new MountException("cannot call " + PROGRAM + ": " + text(result));
    }
  }

  /**
   * Unmounts, with umount2(2) or, for those who may not do that, with the program.
   *
   * @param path the mount point, absolute; a symbolic link at its end is not followed
   * @param isLazy whether a mount that is busy is detached and goes when it no longer is
   * @return 0 or the negative errno: EBUSY, EINVAL where nothing is mounted, EPERM
   */
  public static int unmount(byte[] path, boolean isLazy) {
    int flags = Mounts.UMOUNT_NOFOLLOW | (isLazy ? Mounts.MNT_DETACH : 0);
    int result = Mounts.umount2(path, flags);
    return result == -Errno.EPERM && ProcessCalls.geteuid() != 0
        ? callUnmount(path, isLazy)
        : result;
  }

  private static int callUnmount(byte[] path, boolean isLazy) {
    // The shell passes the bytes of a name on as they are, but without newlines at the end.
    // A system without libfuse 3 has that of libfuse 2.
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
      // What it has to say is little, and does not keep it from ending.
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
