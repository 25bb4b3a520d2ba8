package dev.lamina.union;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.fuse.RequestContext;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.OpenFlags;

/**
 * What a request does not tell of who makes it, and /proc does (proc_pid_status(5)): groups and
 * capabilities. The caller waits for its answer, so it is there to be looked at. To be asked in
 * rare cases only, as it takes 50 µs. Of a caller in another pid namespace nothing is known: it
 * counts as somebody ordinary.
 */
final class CallerStatus {
  private static final int CAP_FSETID = 4;
  private static final String GROUP_IDS = "Gid:";
  private static final String GROUPS = "Groups:";
  private static final String CAPABILITIES = "CapEff:";

  /** What namespaces(7) shows of the first user namespace (PROC_USER_INIT_INO). */
  private static final String FIRST_USER_NAMESPACE = "user:[4026531837]";

  /** This process's. */
  private static final String OWN_USER_NAMESPACE = ownUserNamespace();

  /** Of the four group ids the one that counts for files. */
  private static final int FILE_SYSTEM_ID = 3;

  private CallerStatus() {}

  /**
   * Whether the file's group is one of the caller's, or the caller may set setgid all the same
   * (in_group_or_capable in fs/attr.c).
   */
  static boolean isInGroup(RequestContext context, int gid) throws ErrnoException {
    if (context.gid == gid) {
      return true;
    }
    String status = status(context);
    String wanted = Integer.toUnsignedString(gid);
    String[] ids = fields(status, GROUP_IDS);
    if (ids.length > FILE_SYSTEM_ID && ids[FILE_SYSTEM_ID].equals(wanted)) {
      return true;
    }
    for (String group : fields(status, GROUPS)) {
      if (group.equals(wanted)) {
        return true;
      }
    }
    return context.uid == 0
        && hasSetid(status)
        && userNamespace(context).equals(OWN_USER_NAMESPACE)
        && !OWN_USER_NAMESPACE.isEmpty();
  }

  /**
   * Whether it is root with CAP_FSETID, whose writing takes setuid and setgid from no file: root of
   * the machine, not of a user namespace.
   */
  static boolean keepsSetid(RequestContext context) throws ErrnoException {
    return context.uid == 0
        && hasSetid(status(context))
        && userNamespace(context).equals(FIRST_USER_NAMESPACE);
  }

  private static String userNamespace(RequestContext context) throws ErrnoException {
    return userNamespace(Integer.toString(context.pid));
  }

  /** As the link in /proc shows it; empty where the daemon may not see it (namespaces(7)). */
  private static String userNamespace(String process) throws ErrnoException {
    byte[] path = ("/proc/" + process + "/ns/user").getBytes(ISO_8859_1);
    long address = Buffers.ofThread().value();
    int length = Linux.readlinkat(Linux.AT_FDCWD, path, address, Buffers.SIZE);
    return length == -Errno.EACCES ? "" : text(address, length);
  }

  private static String ownUserNamespace() {
    try {
      return userNamespace("self");
    } catch (ErrnoException e) {
      // Equal to no other's: nobody counts as being in it.
      return "";
    }
  }

  /** What was read; empty where there is no such process, or nothing that shows of it. */
  private static String text(long address, int result) throws ErrnoException {
    if (isHidden(result)) {
      return "";
    }
    byte[] text = new byte[ErrnoException.check(result)];
    Memory.getBytes(address, text, 0, text.length);
    return new String(text, ISO_8859_1);
  }

  /** EPERM comes from proc's mount option hidepid. */
  private static boolean isHidden(int result) {
    return result == -Errno.ENOENT || result == -Errno.ESRCH || result == -Errno.EPERM;
  }

  private static boolean hasSetid(String status) {
    String[] sets = fields(status, CAPABILITIES);
    return sets.length > 0
        && !sets[0].isEmpty()
        && (Long.parseUnsignedLong(sets[0], 16) >>> CAP_FSETID & 1) != 0;
  }

  private static String status(RequestContext context) throws ErrnoException {
    byte[] path = ("/proc/" + context.pid + "/status").getBytes(ISO_8859_1);
    int fd = Linux.openat(Linux.AT_FDCWD, path, OpenFlags.O_RDONLY, 0);
    if (isHidden(fd)) {
      return "";
    }
    ErrnoException.check(fd);
    long address = Buffers.ofThread().value();
    int length = Linux.read(fd, address, Buffers.SIZE);
    Linux.close(fd);
    return text(address, length);
  }

  /** The words of a line; none where there is no such line. */
  private static String[] fields(String status, String key) {
    for (String line : status.split("\n")) {
      if (line.startsWith(key)) {
        return line.substring(key.length()).trim().split("\\s+");
      }
    }
    return new String[0];
  }
}
