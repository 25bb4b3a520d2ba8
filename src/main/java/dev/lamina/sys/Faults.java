package dev.lamina.sys;

/**
 * Fault injection for tests: system calls of a thread fail as they would on a bad disk, or at the
 * limit of descriptors. It is off unless the virtual machine was started with the property {@code
 * lamina.test.faults}: {@link LibC} then has a constant null in its place, and calls cost nothing
 * more.
 */
final class Faults {
  /** Decides whether a call fails. */
  @FunctionalInterface
  interface Hook {
    /**
     * Called before a system call is made.
     *
     * @param number the number of the call, see {@link SystemCall}
     * @param flags the third argument, which holds the flags of openat(2)
     * @return the negative errno that the call fails with, without being made; 0 to make it
     */
    long before(int number, long flags);
  }

  private static final ThreadLocal<Hook> OF_THREAD = new ThreadLocal<>();

  private Faults() {}

  /** Returns the hook that {@link LibC} calls; null if fault injection is off. */
  static Hook chosen() {
    return Boolean.getBoolean("lamina.test.faults") ? Faults::ask : null;
  }

  /**
   * Installs a hook that decides on the calling thread's system calls from now on; null removes it.
   */
  static void install(Hook hook) {
    OF_THREAD.set(hook);
  }

  private static long ask(int number, long flags) {
    Hook hook = OF_THREAD.get();
    return hook == null ? 0 : hook.before(number, flags);
  }
}
