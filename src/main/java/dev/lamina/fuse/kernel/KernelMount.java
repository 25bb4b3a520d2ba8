package dev.lamina.fuse.kernel;

import dev.lamina.fuse.FuseDevice;
import dev.lamina.fuse.Fusermount;
import dev.lamina.fuse.GenericOptions;
import dev.lamina.fuse.MountException;
import dev.lamina.fuse.MountRequest;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Mounts;
import dev.lamina.sys.ProcessCalls;
import java.nio.charset.StandardCharsets;

/** Mounts with mount(2), or through fusermount3 for users without the privilege to mount. */
final class KernelMount {
  private static final String COMMON = "default_permissions,max_read=" + Connection.MAX_DATA;

  private KernelMount() {}

  /**
   * Mounts a file system.
   *
   * @return the open device of the mount, which the caller closes
   * @throws MountException if the mount failed
   */
  static DevFuse mount(MountRequest request) throws MountException {
    GenericOptions.check(request);
    DevFuse device = new DevFuse(FuseDevice.open());
    int result = mount(device, request);
    if (result == 0) {
      return device;
    }
    device.close();
    if (result == -Errno.EPERM && ProcessCalls.geteuid() != 0) {
      return byFusermount(request);
    }
    String where = new String(request.mountPoint(), StandardCharsets.ISO_8859_1);
    throw new MountException("cannot mount on " + where + ": " + Errno.message(-result));
  }

  /** Calls mount(2) and returns 0 or the negative errno. */
  private static int mount(DevFuse device, MountRequest request) {
    long flags = 0;
    StringBuilder data = new StringBuilder();
    data.append("fd=").append(device.fd()).append(",rootmode=40000");
    data.append(",user_id=").append(ProcessCalls.geteuid());
    data.append(",group_id=").append(ProcessCalls.getegid());
    data.append(GenericOptions.admitsAll(request) ? ",allow_other," : ",").append(COMMON);
    for (String option : request.options()) {
      if (GenericOptions.isFlag(option)) {
        flags = GenericOptions.apply(option, flags);
      } else if (GenericOptions.isLabel(option)) {
        data.append(',').append(option);
      }
    }
    return Mounts.mount(
        bytes(request.shownSource()),
        request.mountPoint(),
        bytes("fuse." + MountRequest.SUBTYPE),
        flags,
        bytes(data.toString()));
  }

  /**
   * Mounts with the program. Other users have access only if an option says so and /etc/fuse.conf
   * allows it.
   */
  private static DevFuse byFusermount(MountRequest request) throws MountException {
    StringBuilder options = new StringBuilder(COMMON);
    options
        .append(",fsname=")
        .append(request.shownSource())
        .append(",subtype=")
        .append(MountRequest.SUBTYPE);
    for (String option : request.options()) {
      options.append(',').append(option);
    }
    return new DevFuse(Fusermount.mount(request.mountPoint(), options.toString()));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
