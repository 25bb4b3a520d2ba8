package dev.lamina.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The environment of a command: what the image says, what every command has, what the user says.
 */
final class Environment {
  /** As podman and docker have it where an image has none. */
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final Map<String, String> variables = new LinkedHashMap<>();

  private Environment() {}

  /**
   * @param image {@code NAME=VALUE}, as bytes
   * @param user {@code NAME=VALUE}, or {@code NAME} for the value of this process's
   */
  static Environment of(
      List<String> image, List<String> user, String home, String hostname, boolean terminal)
      throws RunException {
    Environment all = new Environment();
    for (String variable : image) {
      // Without a value it says nothing.
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
        throw new RunException("a variable has no name: " + Bytes.shown(variable));
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

  /** As bytes, which Java's own reading of it loses. */
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
      throw new RunException("the environment cannot be read: /proc is not mounted", e);
    }
    return own.variables;
  }

  String get(String name) {
    return variables.get(name);
  }

  /** {@code NAME=VALUE} each. */
  List<String> list() {
    List<String> list = new ArrayList<>();
    variables.forEach((name, value) -> list.add(name + "=" + value));
    return list;
  }

  Map<String, String> variables() {
    return variables;
  }
}
