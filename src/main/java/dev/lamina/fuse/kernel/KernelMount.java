package dev.lamina.fuse.kernel;

import dev.lamina.fuse.GenericOptions;
import dev.lamina.fuse.MountException;
import dev.lamina.fuse.MountRequest;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Mounts;
import dev.lamina.sys.ProcessCalls;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Mounts an open device, with mount(2). */
final class KernelMount {
  private static final byte[] TYPE = bytes("fuse.lamina");

  /** Options of mount(8) that are flags of mount(2). */
  private static final Map<String, Long> FLAGS =
      Map.of(
          "ro", Mounts.MS_RDONLY,
          "nosuid", Mounts.MS_NOSUID,
          "nodev", Mounts.MS_NODEV,
          "noexec", Mounts.MS_NOEXEC,
          "sync", Mounts.MS_SYNCHRONOUS,
          "dirsync", Mounts.MS_DIRSYNC,
          "noatime", Mounts.MS_NOATIME);

  private static final Map<String, String> OPPOSITES =
      Map.of(
          "rw", "ro", "suid", "nosuid", "dev", "nodev", "exec", "noexec", "async", "sync", "atime",
          "noatime");

  private KernelMount() {}

  /**
   * Mounts.
   *
   * @throws MountException when it could not be
   */
  static void mount(DevFuse device, MountRequest request) throws MountException {
    long flags = 0;
    StringBuilder data = new StringBuilder();
    data.append("fd=").append(device.fd()).append(",rootmode=40000");
    data.append(",user_id=")
        .append(ProcessCalls.geteuid())
        .append(",group_id=")
        .append(ProcessCalls.getegid());
    data.append(",default_permissions,allow_other,max_read=").append(Connection.MAX_DATA);
    for (String option : request.options()) {
      if (FLAGS.containsKey(option)) {
        flags |= FLAGS.get(option);
      } else if (OPPOSITES.containsKey(option)) {
        flags &= ~FLAGS.get(OPPOSITES.get(option));
      } else if (GenericOptions.contains(option)) {
        data.append(',').append(option);
      } else {
        throw new MountException("unknown mount option: " + option);
      }
    }
    String source = request.source();
    int result =
        Mounts.mount(
            bytes(source == null || source.isEmpty() ? "lamina" : source),
            request.mountPoint(),
            TYPE,
            flags,
            bytes(data.toString()));
    if (result < 0) {
      String where = new String(request.mountPoint(), StandardCharsets.ISO_8859_1);
      throw new MountException("cannot mount on " + where + ": " + Errno.message(-result));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
