package dev.lamina.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lamina.testing.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Compares Lamina's seccomp profile with podman's, which {@code scripts/setup} installs, and the
 * differences with the table in {@code docs/SECCOMP.md}.
 */
class SeccompDifferencesTest {
  private static final Path PUBLIC = Path.of("/usr/share/containers/seccomp.json");
  private static final Path OWN = Path.of("src/main/resources/dev/lamina/run/seccomp.json");
  private static final Path DOCUMENT = Path.of("docs/SECCOMP.md");
  private static final String PACKAGE = "golang-github-containers-common";
  private static final String KERNEL = "6.1.0-13-amd64";

  private static final Pattern ROW =
      Pattern.compile("\\| (`[^|]*`) \\| ([^|]+) \\| ([^|]+) \\| [^|]{20,} \\|");
  private static final Map<Integer, String> ERRORS = Map.of(1, "EPERM", 38, "ENOSYS");

  /** What the public profile and Lamina's do about one system call. */
  private record Difference(String publicly, String here) {}

  private static ObjectNode read(Path profile) throws IOException {
    return (ObjectNode) new ObjectMapper().readTree(profile.toFile());
  }

  private static ObjectNode filter(Path profile, List<String> capabilities, String architecture)
      throws IOException {
    return new SeccompProfile(profile.toString(), read(profile))
        .filter(capabilities, architecture, KERNEL);
  }

  /** Returns the rules of each system call, without its name and without empty fields. */
  private static Map<String, Set<JsonNode>> rules(ObjectNode filter) {
    Map<String, Set<JsonNode>> rules = new TreeMap<>();
    for (JsonNode rule : filter.get("syscalls")) {
      ObjectNode rest = rule.deepCopy();
      rest.remove("names");
      if (rest.path("args").isEmpty()) {
        rest.remove("args");
      }
      for (JsonNode name : rule.get("names")) {
        rules.computeIfAbsent(name.textValue(), key -> new HashSet<>()).add(rest);
      }
    }
    return rules;
  }

  private static String effect(Set<JsonNode> rules) {
    if (rules.isEmpty()) {
      return "ENOSYS";
    }
    if (rules.stream().anyMatch(rule -> rule.has("args"))) {
      return "by arguments";
    }
    return rules.stream()
        .map(SeccompDifferencesTest::action)
        .sorted((one, other) -> other.compareTo(one))
        .collect(Collectors.joining(", "));
  }

  private static String action(JsonNode rule) {
    boolean isAllowed = rule.get("action").textValue().equals("SCMP_ACT_ALLOW");
    return isAllowed ? "allowed" : ERRORS.get(rule.get("errnoRet").intValue());
  }

  private static Map<String, Difference> differences(List<String> capabilities, String architecture)
      throws IOException {
    Map<String, Set<JsonNode>> publicly = rules(filter(PUBLIC, capabilities, architecture));
    Map<String, Set<JsonNode>> here = rules(filter(OWN, capabilities, architecture));
    Set<String> names = new TreeSet<>(publicly.keySet());
    names.addAll(here.keySet());
    Map<String, Difference> differences = new TreeMap<>();
    for (String name : names) {
      Set<JsonNode> one = publicly.getOrDefault(name, Set.of());
      Set<JsonNode> other = here.getOrDefault(name, Set.of());
      if (!one.equals(other)) {
        differences.put(name, new Difference(effect(one), effect(other)));
      }
    }
    return differences;
  }

  private static Map<String, Difference> documented() throws IOException {
    Map<String, Difference> documented = new TreeMap<>();
    for (String line : Files.readAllLines(DOCUMENT)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        Difference difference = new Difference(row.group(2), row.group(3));
        for (String name : row.group(1).replace("`", "").split(" ")) {
          assertEquals(null, documented.put(name, difference), name + " is in two rows");
        }
      }
    }
    return documented;
  }

  @ParameterizedTest
  @ValueSource(strings = {"amd64", "arm64"})
  void theTableListsEveryDifference(String architecture) throws IOException {
    assertEquals(documented(), differences(Capabilities.names(), architecture));
  }

  /** A command never has these capabilities, but the rules for them must not drift apart. */
  @ParameterizedTest
  @ValueSource(strings = {"amd64", "arm64"})
  void otherCapabilitiesBringNoOtherDifference(String architecture) throws IOException {
    Set<String> all = new TreeSet<>();
    for (Path profile : List.of(PUBLIC, OWN)) {
      for (JsonNode rule : read(profile).get("syscalls")) {
        rule.path("includes").path("caps").forEach(name -> all.add(name.textValue()));
      }
    }
    Set<String> differing = differences(new ArrayList<>(all), architecture).keySet();
    assertTrue(documented().keySet().containsAll(differing), differing.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"amd64", "arm64"})
  void defaultsAndArchitecturesAreTheSame(String architecture) throws IOException {
    ObjectNode publicly = filter(PUBLIC, List.of(), architecture);
    ObjectNode here = filter(OWN, List.of(), architecture);
    assertFalse(here.get("architectures").isEmpty());
    for (String field : List.of("defaultAction", "defaultErrnoRet", "architectures")) {
      assertEquals(publicly.get(field), here.get(field), field);
    }
  }

  @Test
  void theDocumentNamesTheVersion() throws IOException {
    String installed =
        Commands.run("dpkg-query", "--show", "--showformat=${Version}", PACKAGE).succeed().out();
    Matcher upstream = Pattern.compile("([0-9.]+).*").matcher(installed);
    assertTrue(upstream.matches(), installed);
    String document = Files.readString(DOCUMENT).replace('\n', ' ');
    assertTrue(document.contains("containers-common " + upstream.group(1) + "**"), installed);
  }
}
