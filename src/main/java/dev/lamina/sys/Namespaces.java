package dev.lamina.sys;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * Changes namespaces of the calling thread (namespaces(7)), which processes that it starts inherit.
 * The other threads of this process are not affected.
 */
public final class Namespaces {
  /** The mount namespace; the thread also gets its own root and working directory. */
  public static final int CLONE_NEWNS = 0x20000;

  /** The UTS namespace, which holds the host name. */
  public static final int CLONE_NEWUTS = 0x4000000;

  /** The IPC namespace: System V IPC and POSIX message queues. */
  public static final int CLONE_NEWIPC = 0x8000000;

  /** The network namespace. */
  public static final int CLONE_NEWNET = 0x40000000;

  private static final int AF_INET = 2;
  private static final int SOCK_DGRAM = 2;

  private static final int SIOCSIFFLAGS = 0x8914;
  private static final int IFF_UP = 1;

  /** Offsets in struct ifreq of netdevice(7). */
  private static final int IFREQ_FLAGS = 16;

  private static final int IFREQ_SIZE = 40;

  private static final byte[] LOOPBACK = "lo".getBytes(US_ASCII);
  private static final byte[] HERE = ".".getBytes(US_ASCII);

  /** The exit status of programs that fail to run a command. */
  private static final int NO_WAY_BACK = 125;

  private Namespaces() {}

  /** Calls unshare(2) with {@code CLONE_} flags: the calling thread gets new namespaces. */
  public static int unshare(int flags) {
    return (int) LibC.call(SystemCall.UNSHARE, flags, 0, 0, 0, 0);
  }

  /** Calls sethostname(2) in the thread's UTS namespace. */
  public static int sethostname(byte[] name) {
    long address = Scratch.get().first(name);
    if (address == 0) {
      return -Errno.ENAMETOOLONG;
    }
    return (int) LibC.call(SystemCall.SETHOSTNAME, address, name.length, 0, 0, 0);
  }

  /** Brings up the loopback device of the thread's network namespace; it is down in a new one. */
  public static int startLoopback() {
    int socket =
        (int) LibC.call(SystemCall.SOCKET, AF_INET, SOCK_DGRAM | OpenFlags.O_CLOEXEC, 0, 0, 0);
    if (socket < 0) {
      return socket;
    }
    long request = Scratch.get().struct();
    Memory.clear(request, IFREQ_SIZE);
    Memory.putBytes(request, LOOPBACK, 0, LOOPBACK.length);
    Memory.putShort(request + IFREQ_FLAGS, (short) IFF_UP);
    int result = (int) LibC.call(SystemCall.IOCTL, socket, SIOCSIFFLAGS, request, 0, 0);
    Linux.close(socket);
    return result;
  }

  /**
   * Makes {@code newRoot} the root of all processes in the thread's mount namespace with
   * pivot_root(2), unmounts the old root there, and returns the calling thread to the namespace
   * {@code home}. In between no file may be opened, for example to load a class, because it would
   * be looked up in the new root. So this is one method, which uses only classes that are already
   * loaded.
   *
   * @param newRoot a descriptor of the root of a mount that is not shared
   * @param oldRoot a descriptor of {@code /}
   * @param home a descriptor of /proc/thread-self/ns/mnt, opened before
   * @return 0 or the negative errno, in which case the root may have been changed; if the thread
   *     cannot return to its namespace the process exits with status 125
   */
  public static int changeRoot(int newRoot, int oldRoot, int home) {
    long here = Scratch.get().first(HERE);
    long result = LibC.call(SystemCall.FCHDIR, newRoot, 0, 0, 0, 0);
    if (result >= 0) {
      // With equal names the old root is mounted over the new one, so no directory is needed for
      // it.
      result = LibC.call(SystemCall.PIVOT_ROOT, here, here, 0, 0, 0);
    }
    if (result >= 0) {
      result = LibC.call(SystemCall.FCHDIR, oldRoot, 0, 0, 0, 0);
    }
    if (result >= 0) {
      result = LibC.call(SystemCall.UMOUNT2, here, Mounts.MNT_DETACH, 0, 0, 0);
    }
    if (LibC.call(SystemCall.SETNS, home, CLONE_NEWNS, 0, 0, 0) < 0) {
      Runtime.getRuntime().halt(NO_WAY_BACK);
    }
    return (int) result;
  }
}
