package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.GenericOptions;
import dev.lamina.fuse.MountException;
import dev.lamina.fuse.MountRequest;
import dev.lamina.sys.ProcessCalls;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The options libfuse is given for a mount, in the two parts that it wants them in. */
final class MountOptions {
  private MountOptions() {}

  /**
   * For fuse_mount. The mount table shows {@code fuse.lamina} as the type.
   *
   * @throws MountException for an option that is not known
   */
  static NativeStrings mount(MountRequest request) throws MountException {
    List<String> options = new ArrayList<>();
    options.add("default_permissions");
    // libfuse refuses a directory that is not empty, mount(8) does not.
    options.add("nonempty");
    // Everyone else may only be let in where /etc/fuse.conf says so.
    if (ProcessCalls.geteuid() == 0 && GenericOptions.admitsAll(request)) {
      options.add("allow_other");
    }
    options.add("fsname=" + request.shownSource());
    options.add("subtype=" + MountRequest.SUBTYPE);
    GenericOptions.check(request);
    // The library would let everybody in, and turn them away itself.
    request.options().stream()
        .filter(option -> !option.equals(GenericOptions.ALLOW_ROOT))
        .forEach(options::add);
    return arguments(options);
  }

  /**
   * For fuse_new. Inode numbers are the file system's ({@code use_ino}); not {@code hard_remove},
   * see {@link Orphans}. The times, in seconds, only matter where {@link Lifetimes} writes none,
   * except that missing names are not cached at all without one.
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
