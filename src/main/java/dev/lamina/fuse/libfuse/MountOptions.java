package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.GenericOptions;
import dev.lamina.fuse.MountException;
import dev.lamina.fuse.MountRequest;
import dev.lamina.sys.ProcessCalls;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The options for libfuse, which takes them in two parts. */
final class MountOptions {
  private MountOptions() {}

  /**
   * Returns the options for fuse_mount. The mount table shows {@code fuse.lamina} as the type.
   *
   * @throws MountException for an unknown option
   */
  static NativeStrings mount(MountRequest request) throws MountException {
    List<String> options = new ArrayList<>();
    options.add("default_permissions");
    // Without this option libfuse refuses a directory that is not empty, unlike mount(8).
    options.add("nonempty");
    // Mounts of other users may give others access only if /etc/fuse.conf allows it.
    if (ProcessCalls.geteuid() == 0 && GenericOptions.admitsAll(request)) {
      options.add("allow_other");
    }
    options.add("fsname=" + request.shownSource());
    options.add("subtype=" + MountRequest.SUBTYPE);
    GenericOptions.check(request);
    // With this option the library would give all users access and refuse them itself.
    request.options().stream()
        .filter(option -> !option.equals(GenericOptions.ALLOW_ROOT))
        .forEach(options::add);
    return arguments(options);
  }

  /**
   * Returns the options for fuse_new. Inode numbers are those of the file system ({@code use_ino}).
   * {@code hard_remove} is not used, see {@link Orphans}. The timeouts, in seconds, only matter
   * where {@link Lifetimes} writes none, except that missing names are not cached at all unless
   * there is a timeout.
   */
  static NativeStrings library() {
    return arguments(
        List.of(
            "use_ino",
            "big_writes",
            "atomic_o_trunc",
            "entry_timeout=0",
            "attr_timeout=0",
            "negative_timeout=1"));
  }

  private static NativeStrings arguments(List<String> options) {
    StringBuilder all = new StringBuilder();
    for (String option : options) {
      if (!all.isEmpty()) {
        all.append(',');
      }
      all.append(option.replace("\\", "\\\\").replace(",", "\\,"));
    }
    return new NativeStrings(bytes("lamina"), bytes("-o"), bytes(all.toString()));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
