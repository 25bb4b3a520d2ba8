package dev.lamina.sys;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * Namespaces of the calling thread (namespaces(7)), which a process that it starts inherits. The
 * other threads of this process stay where they are.
 */
public final class Namespaces {
  /** Mounts; the thread gets a root and a working directory of its own as well. */
  public static final int CLONE_NEWNS = 0x20000;

  /** The host's name. */
  public static final int CLONE_NEWUTS = 0x4000000;

  /** System V IPC and POSIX message queues. */
  public static final int CLONE_NEWIPC = 0x8000000;

  public static final int CLONE_NEWNET = 0x40000000;

  private static final int AF_INET = 2;
  private static final int SOCK_DGRAM = 2;

  private static final int SIOCSIFFLAGS = 0x8914;
  private static final int IFF_UP = 1;

  /** struct ifreq of netdevice(7). */
  private static final int IFREQ_FLAGS = 16;

  private static final int IFREQ_SIZE = 40;

  private static final byte[] LOOPBACK = "lo".getBytes(US_ASCII);
  private static final byte[] HERE = ".".getBytes(US_ASCII);

  /** What a shell takes for the failure of who runs a command. */
  private static final int NO_WAY_BACK = 125;

  private Namespaces() {}

  /** unshare(2): new namespaces, {@code CLONE_} flags, for the calling thread. */
  public static int unshare(int flags) {
    return (int) LibC.call(SystemCall.UNSHARE, flags, 0, 0, 0, 0);
  }

  /** sethostname(2), of the thread's UTS namespace. */
  public static int sethostname(byte[] name) {
    long address = Scratch.get().first(name);
    if (address == 0) {
      return -Errno.ENAMETOOLONG;
    }
    return (int) LibC.call(SystemCall.SETHOSTNAME, address, name.length, 0, 0, 0);
  }

  /** Sets the loopback device of the thread's network namespace going; in a new one it is down. */
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
   * Makes {@code newRoot} the root of every process in the thread's mount namespace, takes the old
   * root away from there (pivot_root(2)), and brings the calling thread back to the namespace
   * {@code home}. In between nothing may look for a file, a class's for instance, because it would
   * find that of the new root: this is why it is one method, which uses no class that is not
   * loaded.
   *
   * @param newRoot a descriptor of the root of a mount that is not shared
   * @param oldRoot a descriptor of {@code /}
   * @param home an open mount namespace, of /proc/thread-self/ns/mnt
   * @return 0, or the negative errno, where the root may be changed all the same; the process is
   *     ended, with status 125, when there is no way back
   */
  public static int changeRoot(int newRoot, int oldRoot, int home) {
    long here = Scratch.get().first(HERE);
    long result = LibC.call(SystemCall.FCHDIR, newRoot, 0, 0, 0, 0);
    if (result >= 0) {
      // The old root comes to lie on the new one, with the same name: no directory is needed for
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
