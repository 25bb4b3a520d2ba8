package dev.lamina.run;

import java.util.List;
import java.util.Locale;

/** The capabilities of root in a container (capabilities(7)): Docker's default set. */
final class Capabilities {
  /** The names, without the prefix {@code CAP_}. */
  static final List<String> DEFAULT =
      List.of(
          "CHOWN",
          "DAC_OVERRIDE",
          "FSETID",
          "FOWNER",
          "MKNOD",
          "NET_RAW",
          "SETGID",
          "SETUID",
          "SETFCAP",
          "SETPCAP",
          "NET_BIND_SERVICE",
          "SYS_CHROOT",
          "KILL",
          "AUDIT_WRITE");

  /**
   * Device nodes may be made only in a container whose control group restricts the use of devices.
   */
  private static final String NEEDS_DEVICE_CONTROL = "MKNOD";

  private Capabilities() {}

  /** Returns the names in the form of the OCI runtime specification. */
  static List<String> names() {
    return DEFAULT.stream().map(name -> "CAP_" + name).toList();
  }

  /**
   * Returns the bounding set in the form of setpriv(1), for a container without a control group for
   * devices.
   */
  static String boundingSet() {
    StringBuilder set = new StringBuilder("-all");
    for (String name : DEFAULT) {
      if (!name.equals(NEEDS_DEVICE_CONTROL)) {
        set.append(",+").append(name.toLowerCase(Locale.ROOT));
      }
    }
    return set.toString();
  }
}
