package dev.lamina.fuse.wire;

/** The encoding of device numbers in 32 bits, as the kernel's {@code new_encode_dev} does it. */
public final class DeviceNumber {
  private DeviceNumber() {}

  public static int encode(int major, int minor) {
    return minor & 0xff | major << 8 | (minor & ~0xff) << 12;
  }

  public static int major(int encoded) {
    return encoded >>> 8 & 0xfff;
  }

  public static int minor(int encoded) {
    return encoded & 0xff | encoded >>> 12 & 0xfff00;
  }
}
