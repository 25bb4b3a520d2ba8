package dev.lamina.fuse;

import dev.lamina.sys.Mounts;
import java.util.Map;
import java.util.Set;

/**
 * The options of mount(8) that are the mount's own, whatever is mounted: what {@link
 * MountRequest#options} may hold, and every transport hands to the kernel.
 */
public final class GenericOptions {
  /** Those that set a flag of mount(2). */
  private static final Map<String, Long> SET =
      Map.of(
          "ro", Mounts.MS_RDONLY,
          "nosuid", Mounts.MS_NOSUID,
          "nodev", Mounts.MS_NODEV,
          "noexec", Mounts.MS_NOEXEC,
          "noatime", Mounts.MS_NOATIME,
          "sync", Mounts.MS_SYNCHRONOUS,
          "dirsync", Mounts.MS_DIRSYNC);

  /** Those that take one away. */
  private static final Map<String, Long> CLEARED =
      Map.of(
          "rw", Mounts.MS_RDONLY,
          "suid", Mounts.MS_NOSUID,
          "dev", Mounts.MS_NODEV,
          "exec", Mounts.MS_NOEXEC,
          "atime", Mounts.MS_NOATIME,
          "async", Mounts.MS_SYNCHRONOUS);

  /** Lets other users in. Root's mounts do in any case. */
  private static final String ALLOW_OTHER = "allow_other";

  /** Keeps users other than root out of a mount of root's. */
  public static final String ALLOW_ROOT = "allow_root";

  /** SELinux labels; they have a value. */
  private static final Set<String> LABELS =
      Set.of("context", "fscontext", "defcontext", "rootcontext");

  private GenericOptions() {}

  /** Whether a whole option is one of them, {@code NAME} or {@code NAME=VALUE}. */
  public static boolean contains(String option) {
    return isFlag(option)
        || isLabel(option)
        || option.equals(ALLOW_OTHER)
        || option.equals(ALLOW_ROOT);
  }

  /** Whether all users are let into a mount of root's. */
  public static boolean admitsAll(MountRequest request) {
    return !request.options().contains(ALLOW_ROOT) || request.options().contains(ALLOW_OTHER);
  }

  /**
   * Refuses a mount with other options.
   *
   * @throws MountException for the first that is not one of them
   */
  public static void check(MountRequest request) throws MountException {
    for (String option : request.options()) {
      if (!contains(option)) {
        throw new MountException("unknown mount option: " + option);
      }
    }
  }

  /** Whether it is a flag of mount(2), see {@link #apply}. */
  public static boolean isFlag(String option) {
    return SET.containsKey(option) || CLEARED.containsKey(option);
  }

  /** Whether an option, with its value, is a label of SELinux. */
  public static boolean isLabel(String option) {
    int equals = option.indexOf('=');
    return equals >= 0 && LABELS.contains(option.substring(0, equals));
  }

  /** The flags of mount(2) after an option that {@link #isFlag}. */
  public static long apply(String option, long flags) {
    return flags & ~CLEARED.getOrDefault(option, 0L) | SET.getOrDefault(option, 0L);
  }
}
