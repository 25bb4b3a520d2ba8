package dev.lamina.sys;

/**
 * The securebits of the calling thread (prctl(2)), which control how its user ids affect its
 * capabilities.
 */
public final class Securebits {
  /** Changes of user ids, including those by setfsuid(2), do not affect the capabilities. */
  public static final int SECBIT_NO_SETUID_FIXUP = 4;

  private static final int PR_GET_SECUREBITS = 27;
  private static final int PR_SET_SECUREBITS = 28;

  private Securebits() {}

  /** Returns the {@code SECBIT_} flags of the calling thread, or the negative errno. */
  public static int get() {
    return (int) LibC.call(SystemCall.PRCTL, PR_GET_SECUREBITS, 0, 0, 0, 0);
  }

  /** Sets all flags of the calling thread. This needs CAP_SETPCAP and is EPERM otherwise. */
  public static int set(int flags) {
    return (int) LibC.call(SystemCall.PRCTL, PR_SET_SECUREBITS, flags, 0, 0, 0);
  }
}
