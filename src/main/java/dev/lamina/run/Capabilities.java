package dev.lamina.run;

import java.util.List;
import java.util.Locale;

/** What root in a container may do of what root may (capabilities(7)): docker's default set. */
final class Capabilities {
  /** Without the prefix {@code CAP_}. */
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

  /** Where no control group keeps a container from the devices it makes, it must not make any. */
  private static final String NEEDS_DEVICE_CONTROL = "MKNOD";

  private Capabilities() {}

  /** As the OCI runtime specification writes them. */
  static List<String> names() {
    return DEFAULT.stream().map(name -> "CAP_" + name).toList();
  }

  /** The bounding set as setpriv(1) writes it, of a container whose devices nobody controls. */
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
