package dev.lamina.fuse;

import dev.lamina.sys.Mounts;
import java.util.Map;
import java.util.Set;

/**
 * The options of mount(8) that do not depend on the file system type. {@link MountRequest#options}
 * holds only these, and every transport passes them to the kernel.
 */
public final class GenericOptions {
  /** The options that set a flag of mount(2). */
  private static final Map<String, Long> SET =
      Map.of(
          "ro", Mounts.MS_RDONLY,
          "nosuid", Mounts.MS_NOSUID,
          "nodev", Mounts.MS_NODEV,
          "noexec", Mounts.MS_NOEXEC,
          "noatime", Mounts.MS_NOATIME,
          "sync", Mounts.MS_SYNCHRONOUS,
          "dirsync", Mounts.MS_DIRSYNC);

  /** The options that clear a flag of mount(2). */
  private static final Map<String, Long> CLEARED =
      Map.of(
          "rw", Mounts.MS_RDONLY,
          "suid", Mounts.MS_NOSUID,
          "dev", Mounts.MS_NODEV,
          "exec", Mounts.MS_NOEXEC,
          "atime", Mounts.MS_NOATIME,
          "async", Mounts.MS_SYNCHRONOUS);

  /** The option that gives other users access. Mounts made by root do so in any case. */
  private static final String ALLOW_OTHER = "allow_other";

  /** The option that denies access to a mount made by root to all other users. */
  public static final String ALLOW_ROOT = "allow_root";

  /** The options that set an SELinux label; they have a value. */
  private static final Set<String> LABELS =
      Set.of("context", "fscontext", "defcontext", "rootcontext");

  private GenericOptions() {}

  /** Returns whether an option, {@code NAME} or {@code NAME=VALUE}, is one of these. */
  public static boolean contains(String option) {
    return isFlag(option)
        || isLabel(option)
        || option.equals(ALLOW_OTHER)
        || option.equals(ALLOW_ROOT);
  }

  /** Returns whether all users have access to the mount if root makes it. */
  public static boolean admitsAll(MountRequest request) {
    return !request.options().contains(ALLOW_ROOT) || request.options().contains(ALLOW_OTHER);
  }

  /**
   * Checks that a request has no other options.
   *
   * @throws MountException for the first unknown option
   */
  public static void check(MountRequest request) throws MountException {
    for (String option : request.options()) {
      if (!contains(option)) {
        throw new MountException("unknown mount option: " + option);
      }
    }
  }

  /** Returns whether an option stands for a flag of mount(2), see {@link #apply}. */
  public static boolean isFlag(String option) {
    return SET.containsKey(option) || CLEARED.containsKey(option);
  }

  /** Returns whether an option, with its value, sets an SELinux label. */
  public static boolean isLabel(String option) {
    int equals = option.indexOf('=');
    return equals >= 0 && LABELS.contains(option.substring(0, equals));
  }

  /**
   * Applies an option, for which {@link #isFlag} is true, to flags of mount(2), and returns the
   * result.
   */
  public static long apply(String option, long flags) {
    return flags & ~CLEARED.getOrDefault(option, 0L) | SET.getOrDefault(option, 0L);
  }
}
