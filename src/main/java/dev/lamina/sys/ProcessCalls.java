package dev.lamina.sys;

/**
 * System calls on the process itself and on the calling thread. As in {@link Linux}, they return a
 * value or the negative error number.
 */
public final class ProcessCalls {
  public static final int RLIMIT_NOFILE = 7;

  /** The number of processors that can be named, counted from 0. */
  public static final int MOST_PROCESSORS = 1024;

  /** Changes of user ids, including those by setfsuid(2), do not affect the capabilities. */
  public static final int SECBIT_NO_SETUID_FIXUP = 4;

  private static final int PR_GET_SECUREBITS = 27;
  private static final int PR_SET_SECUREBITS = 28;
  private static final int RLIMIT_CUR = 0;
  private static final int RLIMIT_MAX = 8;
  private static final long RLIM64_INFINITY = ~0L;

  private ProcessCalls() {}

  /** Calls umask(2): sets the mask of the whole process and returns the old one. */
  public static int umask(int mask) {
    return (int) LibC.call(SystemCall.UMASK, mask, 0, 0, 0, 0);
  }

  /**
   * Calls setfsuid(2) for the calling thread; returns the previous value, whether or not it could
   * be set.
   */
  public static int setfsuid(int uid) {
    return (int) LibC.call(SystemCall.SETFSUID, uid, 0, 0, 0, 0);
  }

  /**
   * Calls setfsgid(2) for the calling thread; returns the previous value, whether or not it could
   * be set.
   */
  public static int setfsgid(int gid) {
    return (int) LibC.call(SystemCall.SETFSGID, gid, 0, 0, 0, 0);
  }

  /** Returns the {@code SECBIT_} flags of the calling thread, or the negative errno. */
  public static int securebits() {
    return (int) LibC.call(SystemCall.PRCTL, PR_GET_SECUREBITS, 0, 0, 0, 0);
  }

  /**
   * Sets the {@code SECBIT_} flags of the calling thread, which control how its user ids affect its
   * capabilities (prctl(2)). Without CAP_SETPCAP this is EPERM.
   */
  public static int setSecurebits(int flags) {
    return (int) LibC.call(SystemCall.PRCTL, PR_SET_SECUREBITS, flags, 0, 0, 0);
  }

  public static int getegid() {
    return (int) LibC.call(SystemCall.GETEGID, 0, 0, 0, 0, 0);
  }

  public static int geteuid() {
    return (int) LibC.call(SystemCall.GETEUID, 0, 0, 0, 0, 0);
  }

  /**
   * Returns whether the calling thread may currently run on a processor, by sched_getaffinity(2).
   *
   * @param processor a number below {@link #MOST_PROCESSORS}
   */
  public static boolean mayRunOn(int processor) {
    long mask = Scratch.get().struct();
    Memory.clear(mask, MOST_PROCESSORS / Byte.SIZE);
    long result =
        LibC.call(SystemCall.SCHED_GETAFFINITY, 0, MOST_PROCESSORS / Byte.SIZE, mask, 0, 0);
    long word = Memory.getLong(mask + processor / Long.SIZE * Long.BYTES);
    return result > 0 && (word & 1L << processor % Long.SIZE) != 0;
  }

  /**
   * Binds the calling thread to one processor with sched_setaffinity(2).
   *
   * @param processor a number below {@link #MOST_PROCESSORS}
   * @return 0 or the negative errno: EINVAL if this process may not run there
   */
  public static int pinThread(int processor) {
    long mask = Scratch.get().struct();
    Memory.clear(mask, MOST_PROCESSORS / Byte.SIZE);
    Memory.putLong(mask + processor / Long.SIZE * Long.BYTES, 1L << processor % Long.SIZE);
    return (int)
        LibC.call(SystemCall.SCHED_SETAFFINITY, 0, MOST_PROCESSORS / Byte.SIZE, mask, 0, 0);
  }

  /** Calls kill(2). */
  public static int kill(long pid, int signal) {
    return (int) LibC.call(SystemCall.KILL, pid, signal, 0, 0, 0);
  }

  /** Calls setsid(2): makes this process the leader of a new session. */
  public static int setsid() {
    return (int) LibC.call(SystemCall.SETSID, 0, 0, 0, 0, 0);
  }

  public static int chdir(byte[] path) {
    long address = Scratch.get().first(path);
    if (address == 0) {
      return -Errno.ENAMETOOLONG;
    }
    return (int) LibC.call(SystemCall.CHDIR, address, 0, 0, 0, 0);
  }

  /**
   * Raises this process's soft limit of a resource to its hard limit with prlimit(2).
   *
   * @return the limit now in force, {@link Long#MAX_VALUE} if there is none, or the negative errno
   */
  public static long raiseLimit(int resource) {
    long struct = Scratch.get().struct();
    long result = LibC.call(SystemCall.PRLIMIT64, 0, resource, 0, struct, 0);
    if (result < 0) {
      return result;
    }
    long soft = Memory.getLong(struct + RLIMIT_CUR);
    long hard = Memory.getLong(struct + RLIMIT_MAX);
    Memory.putLong(struct + RLIMIT_CUR, hard);
    result = LibC.call(SystemCall.PRLIMIT64, 0, resource, struct, 0, 0);
    long limit = result < 0 ? soft : hard;
    return limit == RLIM64_INFINITY ? Long.MAX_VALUE : limit;
  }
}
