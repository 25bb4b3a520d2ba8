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
 * What a command is kept from by a filter of its system calls (seccomp(2)): what the profile of
 * this package does not list, what another one does not, or nothing.
 */
public final class Seccomp {
  public static final Seccomp DEFAULT = new Seccomp(null, true);
  private static final Seccomp UNCONFINED = new Seccomp(null, false);

  private static final String OPTION = "seccomp=";
  private static final String RESOURCE = "seccomp.json";

  /** Missing where the kernel was built without filters. */
  private static final Path KERNELS = Path.of("/proc/sys/kernel/seccomp");

  private static final Path RELEASE = Path.of("/proc/sys/kernel/osrelease");

  /** Null for none, or the default. */
  private final String file;

  private final boolean filters;

  private Seccomp(String file, boolean filters) {
    this.file = file;
    this.filters = filters;
  }

  /**
   * What {@code --security-opt} says.
   *
   * @param options {@code seccomp=unconfined}, {@code seccomp=builtin} or {@code seccomp=FILE} with
   *     a profile in docker's format; the last one counts
   */
  public static Seccomp parse(List<String> options) throws RunException {
    Seccomp chosen = DEFAULT;
    for (String option : options) {
      String value = option.startsWith(OPTION) ? option.substring(OPTION.length()) : "";
      if (value.isEmpty()) {
        throw new RunException(
            "unknown security option: "
                + Bytes.shown(option)
                + " (there are: seccomp=unconfined, seccomp=builtin, seccomp=FILE)");
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

  /** Whether it is a profile of the user's. */
  boolean isFile() {
    return file != null;
  }

  /**
   * The filter for an OCI runtime.
   *
   * @param capabilities that the command can have, with {@code CAP_}
   * @return null for none: it is unconfined, or this kernel has none and none was asked for
   */
  ObjectNode filter(List<String> capabilities) throws RunException {
    if (!filters || !isFile() && !Files.exists(KERNELS)) {
      return null;
    }
    String what =
        isFile() ? "the seccomp profile " + Bytes.shown(file) : "Lamina's own seccomp profile";
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
      throw new IOException(Files.exists(path) ? "it is not a file" : "there is no such file");
    }
    try (InputStream resource = Seccomp.class.getResourceAsStream(RESOURCE)) {
      return resource.readAllBytes();
    }
  }
}
