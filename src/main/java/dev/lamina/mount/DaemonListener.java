package dev.lamina.mount;

/**
 * Learns from a {@link Daemon} what becomes of its mount, and ends the process. The daemon's own
 * threads call these methods, each at most once at a time.
 */
public interface DaemonListener {
  /** The mount differs from what was asked for. */
  void warning(String message);

  /**
   * The mount serves.
   *
   * @return false when whoever asked for the mount cannot learn of it any more: it is then
   *     unmounted
   */
  boolean serving();

  /** The mount has failed; what was mounted is unmounted next, and the process ends. */
  void failed(String message);

  /**
   * Ends the process at once, without shutdown hooks, since one of them may be the caller.
   *
   * @param hasServed whether the mount served, and so whether this is success
   */
  void end(boolean hasServed);
}
