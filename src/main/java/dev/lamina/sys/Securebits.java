package dev.lamina.sys;

/** How the calling thread's user ids and capabilities hang together: securebits, prctl(2). */
public final class Securebits {
  /** Changing user ids, setfsuid(2) among them, leaves the capabilities as they are. */
  public static final int SECBIT_NO_SETUID_FIXUP = 4;

  private static final int PR_GET_SECUREBITS = 27;
  private static final int PR_SET_SECUREBITS = 28;

  private Securebits() {}

  /** The {@code SECBIT_} flags of the calling thread. */
  public static int get() {
    return (int) LibC.call(SystemCall.PRCTL, PR_GET_SECUREBITS, 0, 0, 0, 0);
  }

  /** Sets the flags of the calling thread, as a whole; needs CAP_SETPCAP, EPERM otherwise. */
  public static int set(int flags) {
    return (int) LibC.call(SystemCall.PRCTL, PR_SET_SECUREBITS, flags, 0, 0, 0);
  }
}
