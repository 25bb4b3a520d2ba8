package dev.lamina.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The environment of a command. The image's variables come first, then those that every command
 * has, then the user's.
 */
final class Environment {
  /** The default of podman and Docker for an image that sets none. */
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final Map<String, String> variables = new LinkedHashMap<>();

  private Environment() {}

  /**
   * Puts an environment together.
   *
   * @param image variables {@code NAME=VALUE}, as bytes
   * @param user variables {@code NAME=VALUE}, or {@code NAME} for the value in the environment of
   *     this process
   */
  static Environment of(
      List<String> image, List<String> user, String home, String hostname, boolean terminal)
      throws RunException {
    Environment all = new Environment();
    for (String variable : image) {
      // An entry without "=" or without a name sets nothing.
      if (variable.indexOf('=') > 0) {
        all.put(variable);
      }
    }
    all.variables.putIfAbsent("PATH", PATH);
    if (terminal) {
      all.variables.putIfAbsent("TERM", "xterm");
    }
    all.variables.put("HOSTNAME", hostname);
    all.variables.putIfAbsent("HOME", home);
    Map<String, String> own = Map.of();
    if (user.stream().anyMatch(variable -> variable.indexOf('=') < 0)) {
      own = ofThisProcess();
    }
    for (String variable : user) {
      if (variable.isEmpty() || variable.startsWith("=")) {
        throw new RunException(
            "invalid variable: " + Bytes.shown(variable) + " (write NAME or NAME=VALUE)");
      }
      if (variable.indexOf('=') > 0) {
        all.put(variable);
      } else if (own.containsKey(variable)) {
        all.variables.put(variable, own.get(variable));
      }
    }
    return all;
  }

  private void put(String variable) {
    int equals = variable.indexOf('=');
    variables.put(variable.substring(0, equals), variable.substring(equals + 1));
  }

  /** Returns the environment of this process as bytes, which System.getenv does not preserve. */
  private static Map<String, String> ofThisProcess() throws RunException {
    Environment own = new Environment();
    try {
      String block = Bytes.string(Files.readAllBytes(Path.of("/proc/self/environ")));
      for (String variable : block.split("\0")) {
        if (variable.indexOf('=') > 0) {
          own.put(variable);
        }
      }
    } catch (IOException e) {
      throw new RunException("cannot read the environment: /proc is not mounted", e);
    }
    return own.variables;
  }

  String get(String name) {
    return variables.get(name);
  }

  /** Returns the variables as {@code NAME=VALUE}. */
  List<String> list() {
    List<String> list = new ArrayList<>();
    variables.forEach((name, value) -> list.add(name + "=" + value));
    return list;
  }

  Map<String, String> variables() {
    return variables;
  }
}
