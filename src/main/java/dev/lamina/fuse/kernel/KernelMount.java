package dev.lamina.fuse.kernel;

import dev.lamina.fuse.GenericOptions;
import dev.lamina.fuse.MountException;
import dev.lamina.fuse.MountRequest;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Mounts;
import dev.lamina.sys.ProcessCalls;
import java.nio.charset.StandardCharsets;

/** Mounts an open device, with mount(2). */
final class KernelMount {
  private static final byte[] TYPE = bytes("fuse.lamina");

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
      if (GenericOptions.isFlag(option)) {
        flags = GenericOptions.apply(option, flags);
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
