package dev.lamina.fuse;

import java.util.Set;

/**
 * The options of mount(8) that are the mount's own, whatever is mounted: what {@link
 * MountRequest#options} may hold, and every transport hands to the kernel.
 */
public final class GenericOptions {
  private static final Set<String> FLAGS =
      Set.of(
          "ro", "rw", "suid", "nosuid", "dev", "nodev", "exec", "noexec", "atime", "noatime",
          "sync", "async", "dirsync");

  /** SELinux labels; they have a value. */
  private static final Set<String> LABELS =
      Set.of("context", "fscontext", "defcontext", "rootcontext");

  private GenericOptions() {}

  /** Whether a whole option is one of them, {@code NAME} or {@code NAME=VALUE}. */
  public static boolean contains(String option) {
    int equals = option.indexOf('=');
    return equals < 0 ? FLAGS.contains(option) : LABELS.contains(option.substring(0, equals));
  }
}
