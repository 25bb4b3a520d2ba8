package dev.lamina.mount;

import dev.lamina.fuse.MountException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The parameter of the fuse module that lets the kernel offer rings; it is off by default. */
public final class RingParameter {
  /** Since Linux 6.14. */
  private static final Path FILE = Path.of("/sys/module/fuse/parameters/enable_uring");

  private RingParameter() {}

  /**
   * Switches the parameter on. It is one for the whole machine, but has no effect on a file system
   * that does not ask for rings.
   *
   * @throws MountException when that fails
   */
  public static void enable() throws MountException {
    try {
      if (!Files.readString(FILE).startsWith("Y")) {
        Files.writeString(FILE, "Y");
      }
    } catch (IOException e) {
      throw new MountException(
          "io_uring=on: cannot switch on "
              + FILE
              + ", which needs Linux 6.14 or newer, and root; use io_uring=auto to mount without"
              + " it");
    }
  }
}
