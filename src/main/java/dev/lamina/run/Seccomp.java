package dev.lamina.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import dev.lamina.image.Platform;
import dev.lamina.image.file.HostPaths;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The choice of a filter for the system calls of a command (seccomp(2)): the default profile, which
 * docs/SECCOMP.md describes, a profile that the user gives, or none.
 */
public final class Seccomp {
  public static final Seccomp DEFAULT = new Seccomp(null, true);
  private static final Seccomp UNCONFINED = new Seccomp(null, false);

  private static final String OPTION = "seccomp=";
  private static final String RESOURCE = "seccomp.json";

  /** A directory that exists only in kernels with seccomp filters. */
  private static final Path KERNELS = Path.of("/proc/sys/kernel/seccomp");

  private static final Path RELEASE = Path.of("/proc/sys/kernel/osrelease");

  /** The user's profile, or null. */
  private final String file;

  private final boolean filters;

  private Seccomp(String file, boolean filters) {
    this.file = file;
    this.filters = filters;
  }

  /**
   * Parses the values of {@code --security-opt}.
   *
   * @param options {@code seccomp=unconfined}, {@code seccomp=builtin} or {@code seccomp=FILE} with
   *     a profile in Docker's format; the last one takes effect
   */
  public static Seccomp parse(List<String> options) throws RunException {
    Seccomp chosen = DEFAULT;
    for (String option : options) {
      String value = option.startsWith(OPTION) ? option.substring(OPTION.length()) : "";
      if (value.isEmpty()) {
        throw new RunException(
            "unknown security option: "
                + Bytes.shown(option)
                + " (known: seccomp=unconfined, seccomp=builtin, seccomp=FILE)");
      }
      chosen =
          switch (value) {
            case "unconfined" -> UNCONFINED;
            case "builtin" -> DEFAULT;
            default -> new Seccomp(value, true);
          };
    }
    return chosen;
  }

  /** Returns whether the user has given a profile. */
  boolean isFile() {
    return file != null;
  }

  /**
   * Returns the filter in the form of an OCI runtime.
   *
   * @param capabilities the capabilities of the command, with the prefix {@code CAP_}
   * @return null for no filter: the command is to be unconfined, or the kernel has no filters and
   *     the user has not asked for one
   */
  ObjectNode filter(List<String> capabilities) throws RunException {
    if (!filters || !isFile() && !Files.exists(KERNELS)) {
      return null;
    }
    String what =
        isFile() ? "the seccomp profile " + Bytes.shown(file) : "Lamina's default seccomp profile";
    try {
      String release = Files.readString(RELEASE).strip();
      String architecture = Platform.host().architecture();
      return new SeccompProfile(what, Json.parse(what, read()))
          .filter(capabilities, architecture, release);
    } catch (ImageException e) {
      throw new RunException(e.getMessage(), e);
    } catch (IOException e) {
      throw new RunException(what + " cannot be read: " + e.getMessage(), e);
    }
  }

  private byte[] read() throws IOException {
    if (isFile()) {
      Path path = HostPaths.path(file);
      if (Files.isRegularFile(path)) {
        return Files.readAllBytes(path);
      }
      throw new IOException(
          Files.exists(path) ? "it is not a regular file" : "there is no such file");
    }
    try (InputStream resource = Seccomp.class.getResourceAsStream(RESOURCE)) {
      return resource.readAllBytes();
    }
  }
}
