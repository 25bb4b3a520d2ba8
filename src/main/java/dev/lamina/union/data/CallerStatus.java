package dev.lamina.union.data;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.fuse.RequestContext;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.ThreadBuffers;

/**
 * Reads the groups and capabilities of a request's caller, which the request does not contain, from
 * /proc (proc_pid_status(5)). The process waits for its reply, so it exists. This takes 50 µs and
 * is done in rare cases only. A caller in another pid namespace cannot be seen and counts as an
 * ordinary user.
 */
public final class CallerStatus {
  private static final int CAP_FSETID = 4;
  private static final String GROUP_IDS = "Gid:";
  private static final String GROUPS = "Groups:";
  private static final String CAPABILITIES = "CapEff:";

  /** The first user namespace as /proc shows it (namespaces(7), PROC_USER_INIT_INO). */
  private static final String FIRST_USER_NAMESPACE = "user:[4026531837]";

  /** The user namespace of this process. */
  private static final String OWN_USER_NAMESPACE = ownUserNamespace();

  /** The index, among the four group ids, of the one that counts for files. */
  private static final int FILE_SYSTEM_ID = 3;

  private CallerStatus() {}

  /**
   * Returns whether a file's group is one of the caller's, or the caller may set setgid in any case
   * (in_group_or_capable in fs/attr.c).
   */
  public static boolean isInGroup(RequestContext context, int gid) throws ErrnoException {
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
        && hasFsetid(status)
        && userNamespace(context).equals(OWN_USER_NAMESPACE)
        && !OWN_USER_NAMESPACE.isEmpty();
  }

  /**
   * Returns whether the caller is root with CAP_FSETID, whose writing does not clear setuid and
   * setgid bits. It must be root of the machine, not of a user namespace.
   */
  public static boolean keepsSetid(RequestContext context) throws ErrnoException {
    return context.uid == 0
        && hasFsetid(status(context))
        && userNamespace(context).equals(FIRST_USER_NAMESPACE);
  }

  private static String userNamespace(RequestContext context) throws ErrnoException {
    return userNamespace(Integer.toString(context.pid));
  }

  /**
   * Returns the user namespace as the link in /proc shows it; empty if the daemon may not see it
   * (namespaces(7)).
   */
  private static String userNamespace(String process) throws ErrnoException {
    byte[] path = ("/proc/" + process + "/ns/user").getBytes(ISO_8859_1);
    long address = ThreadBuffers.ofThread().value();
    int length = Linux.readlinkat(Linux.AT_FDCWD, path, address, ThreadBuffers.SIZE);
    return length == -Errno.EACCES ? "" : text(address, length);
  }

  private static String ownUserNamespace() {
    try {
      return userNamespace("self");
    } catch (ErrnoException e) {
      // This equals no process's namespace: no caller counts as being in it.
      return "";
    }
  }

  /** Returns what was read; empty if the process does not exist or is hidden. */
  private static String text(long address, int result) throws ErrnoException {
    if (isHidden(result)) {
      return "";
    }
    byte[] text = new byte[ErrnoException.check(result)];
    Memory.getBytes(address, text, 0, text.length);
    return new String(text, ISO_8859_1);
  }

  /** Returns whether an error says so; EPERM comes from proc's mount option hidepid. */
  private static boolean isHidden(int result) {
    return result == -Errno.ENOENT || result == -Errno.ESRCH || result == -Errno.EPERM;
  }

  private static boolean hasFsetid(String status) {
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
    long address = ThreadBuffers.ofThread().value();
    int length = Linux.read(fd, address, ThreadBuffers.SIZE);
    Linux.close(fd);
    return text(address, length);
  }

  /** Returns the words of a line; none if there is no such line. */
  private static String[] fields(String status, String key) {
    for (String line : status.split("\n")) {
      if (line.startsWith(key)) {
        return line.substring(key.length()).trim().split("\\s+");
      }
    }
    return new String[0];
  }
}
