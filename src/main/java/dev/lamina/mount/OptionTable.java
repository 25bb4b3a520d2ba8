package dev.lamina.mount;

import java.util.Map;
import java.util.Set;

/**
 * Knows the options of {@code -o} that other programs have, mount(8), overlayfs, fuse-overlayfs and
 * libfuse, and that have no effect in {@link MountOptions}: those that can be ignored, and those
 * that are refused. README says for each why it is harmless.
 */
final class OptionTable {
  /** Options without a value that have no effect here. */
  private static final Set<String> HARMLESS =
      Set.of(
          "defaults",
          "diratime",
          "nodiratime",
          "relatime",
          "norelatime",
          "strictatime",
          "nostrictatime",
          "lazytime",
          "nolazytime",
          "iversion",
          "noiversion",
          "silent",
          "loud",
          "default_permissions",
          "private",
          "slave",
          "shared",
          "rprivate",
          "rslave",
          "rshared",
          "auto",
          "noauto",
          "nofail",
          "_netdev",
          "user",
          "nouser",
          "users",
          "owner",
          "group",
          "static_nlink",
          "clone_fd",
          "nonempty",
          "kernel_cache",
          "splice_read",
          "splice_write",
          "splice_move");

  /** Options with a value that have no effect here. */
  private static final Set<String> HARMLESS_WITH_VALUE =
      Set.of(
          "index",
          "redirect_dir",
          "metacopy",
          "uuid",
          "comment",
          "timeout",
          "subtype",
          "max_read",
          "max_write");

  /** Options with a whole number that have no effect here; fuse-overlayfs takes nothing else. */
  private static final Set<String> HARMLESS_WITH_NUMBER =
      Set.of("fsync", "threaded", "fast_ino", "writeback", "max_idle_threads", "max_threads");

  /**
   * Options that would show other owners or attributes, write other marks, or make promises that
   * are not kept. They are accepted with a value that asks for none of this, which a pattern
   * matches.
   */
  private static final Map<String, String> UNSUPPORTED =
      Map.ofEntries(
          Map.entry("uidmapping", ":*"),
          Map.entry("gidmapping", ":*"),
          Map.entry("squash_to_uid", "-1"),
          Map.entry("squash_to_gid", "-1"),
          Map.entry("xattr_permissions", "0"),
          Map.entry("noxattrs", "0"),
          Map.entry("plugins", ":*"),
          Map.entry("verity", "off"),
          Map.entry("nfs_export", "off"));

  /** Options of that kind without a value. */
  private static final Set<String> UNSUPPORTED_FLAGS = Set.of("userxattr", "squash_to_root");

  private OptionTable() {}

  /**
   * Returns whether an option is known.
   *
   * @param value null where it has none
   * @throws OptionException when it is known and cannot be ignored
   */
  static boolean contains(String name, String value) throws OptionException {
    if (value == null) {
      if (UNSUPPORTED_FLAGS.contains(name)) {
        throw unsupported(name);
      }
      return HARMLESS.contains(name);
    }
    if (HARMLESS_WITH_NUMBER.contains(name)) {
      if (!value.matches("[-+]?[0-9]+")) {
        throw new OptionException("the option " + name + " must be a number, not " + value);
      }
      return true;
    }
    String asksNothing = UNSUPPORTED.get(name);
    if (asksNothing != null && !value.matches(asksNothing)) {
      throw unsupported(name + "=" + value);
    }
    return asksNothing != null || HARMLESS_WITH_VALUE.contains(name);
  }

  private static OptionException unsupported(String option) {
    return new OptionException("Lamina does not support the mount option: " + option);
  }
}
