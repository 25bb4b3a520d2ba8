package dev.lamina.fuse;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.NativeMemory;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.ProcessCalls;

/**
 * Finds out whether a caller that waits for an answer, and has received a signal, is being killed.
 * The kernel reports every signal (FUSE_INTERRUPT). A program whose open(2) never fails with EINTR
 * on another file system must not see that error here because of a SIGCHLD, or of the SIGURG of
 * Go's runtime.
 */
public final class WaitingCaller {
  /**
   * The bit of SIGKILL in the pending signals of the thread and of the process
   * (proc_pid_status(5)).
   */
  private static final long KILL = 1L << 9 - 1;

  private static final int STATUS_SIZE = 8192;

  private WaitingCaller() {}

  /**
   * Returns whether a caller is being killed. Any fatal signal shows as SIGKILL, which the kernel
   * sends to every thread of the process. A caller that cannot be seen, because it is in another
   * pid namespace or /proc hides it, counts as alive: it gets its answer when the operation has
   * ended, as from a file system whose operations cannot be interrupted.
   *
   * @param pid the thread id of the caller; 0 if it has none in this pid namespace
   */
  public static boolean isBeingKilled(int pid) {
    if (pid <= 0) {
      return false;
    }
    byte[] path = ("/proc/" + pid + "/status").getBytes(ISO_8859_1);
    int fd = Linux.openat(Linux.AT_FDCWD, path, OpenFlags.O_RDONLY, 0);
    if (fd < 0) {
      return isGone(pid);
    }
    try (NativeMemory memory = new NativeMemory(STATUS_SIZE)) {
      int length = Linux.read(fd, memory.address(), STATUS_SIZE);
      if (length < 0) {
        return isGone(pid);
      }
      byte[] text = new byte[length];
      Memory.getBytes(memory.address(), text, 0, length);
      return isBeingKilled(new String(text, ISO_8859_1));
    } finally {
      Linux.close(fd);
    }
  }

  private static boolean isGone(int pid) {
    return ProcessCalls.kill(pid, 0) == -Errno.ESRCH;
  }

  /**
   * @param status the contents of /proc/PID/status
   */
  static boolean isBeingKilled(String status) {
    for (String line : status.split("\n")) {
      boolean isPending = line.startsWith("SigPnd:") || line.startsWith("ShdPnd:");
      String value = line.substring(line.indexOf(':') + 1).trim();
      if (isPending && (Long.parseUnsignedLong(value, 16) & KILL) != 0) {
        return true;
      }
      if (line.startsWith("State:") && (value.startsWith("Z") || value.startsWith("X"))) {
        return true;
      }
    }
    return false;
  }
}
