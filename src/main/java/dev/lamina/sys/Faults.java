package dev.lamina.sys;

/**
 * Lets a test have system calls of its thread fail as they do on a bad disk, or at the limit of
 * descriptors. Off unless the virtual machine was started with the property {@code
 * lamina.test.faults}; then {@link LibC} has a constant null in its place, and a call costs nothing
 * more.
 */
final class Faults {
  /** Decides on one call. */
  @FunctionalInterface
  interface Hook {
    /**
     * Asked before a call is made.
     *
     * @param number of the call, see {@link SystemCall}
     * @param flags the third argument, which has openat(2)'s flags
     * @return the negative errno that the call fails with, without being made; 0 to make it
     */
    long before(int number, long flags);
  }

  private static final ThreadLocal<Hook> OF_THREAD = new ThreadLocal<>();

  private Faults() {}

  /** What {@link LibC} asks; null when tests inject nothing. */
  static Hook chosen() {
    return Boolean.getBoolean("lamina.test.faults") ? Faults::ask : null;
  }

  /** The calling thread's calls are decided on by a hook from now on; by null: all are made. */
  static void install(Hook hook) {
    OF_THREAD.set(hook);
  }

  private static long ask(int number, long flags) {
    Hook hook = OF_THREAD.get();
    return hook == null ? 0 : hook.before(number, flags);
  }
}
