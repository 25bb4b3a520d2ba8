package dev.lamina.image.registry;

import dev.lamina.sys.ProcessCalls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The directories in which Docker and podman keep their configuration. */
final class ConfigDirectories {
  private ConfigDirectories() {}

  /**
   * Returns the directories of certificates for a host. The first one that exists is used
   * (containers-certs.d(5)).
   */
  static List<Path> certificates(Map<String, String> environment, String host) {
    return List.of(
        config(environment).resolve("containers/certs.d").resolve(host),
        Path.of("/etc/containers/certs.d", host),
        Path.of("/etc/docker/certs.d", host));
  }

  /**
   * Returns the files with credentials, in the order in which podman reads them
   * (containers-auth.json(5)).
   */
  static List<Path> credentials(Map<String, String> environment) {
    List<Path> all = new ArrayList<>();
    String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
    Path own = Path.of("/run/containers/" + ProcessCalls.geteuid());
    all.add((runtime.isEmpty() ? own : Path.of(runtime, "containers")).resolve("auth.json"));
    all.add(config(environment).resolve("containers/auth.json"));
    String docker = environment.getOrDefault("DOCKER_CONFIG", "");
    all.add(
        (docker.isEmpty() ? home(environment).resolve(".docker") : Path.of(docker))
            .resolve("config.json"));
    return all;
  }

  private static Path config(Map<String, String> environment) {
    String given = environment.getOrDefault("XDG_CONFIG_HOME", "");
    return given.isEmpty() ? home(environment).resolve(".config") : Path.of(given);
  }

  private static Path home(Map<String, String> environment) {
    String given = environment.getOrDefault("HOME", "");
    return Path.of(given.isEmpty() ? System.getProperty("user.home") : given);
  }
}
