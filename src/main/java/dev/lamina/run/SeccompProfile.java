package dev.lamina.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A seccomp profile in Docker's format. It has rules for system calls, some of which apply only on
 * certain architectures, with certain capabilities, or from a certain kernel version on. An OCI
 * runtime gets the rules that apply (OCI runtime specification, config-linux, "Seccomp").
 */
final class SeccompProfile {
  /** The names of architectures in libseccomp, by their names in Go. */
  private static final Map<String, String> ARCHITECTURES =
      Map.of("amd64", "SCMP_ARCH_X86_64", "arm64", "SCMP_ARCH_AARCH64");

  private static final Pattern VERSION = Pattern.compile("(\\d{1,9})\\.(\\d{1,9})(\\D.*)?");

  private static final String CAPS = "caps";
  private static final String ARCHES = "arches";
  private static final String MIN_KERNEL = "minKernel";
  private static final List<String> CONDITIONS = List.of(CAPS, ARCHES, MIN_KERNEL);

  /** The fields of a profile that are the same in both formats. */
  private static final List<String> COMMON =
      List.of("defaultAction", "defaultErrnoRet", "flags", "listenerPath", "listenerMetadata");

  private final String what;
  private final ObjectNode profile;

  /**
   * @param what describes the profile in messages
   */
  SeccompProfile(String what, ObjectNode profile) {
    this.what = what;
    this.profile = profile;
  }

  /**
   * Returns the filter in the form of an OCI runtime.
   *
   * @param capabilities the names of capabilities, with the prefix {@code CAP_}
   * @param architecture the name of the architecture in Go
   * @param kernel the version of the kernel: {@code 6.1.0-13-amd64}
   */
  ObjectNode filter(List<String> capabilities, String architecture, String kernel)
      throws ImageException {
    Json.required(what, profile, "defaultAction");
    ObjectNode filter = Json.object();
    copy(profile, filter, COMMON);
    ArrayNode all = architectures(architecture);
    if (!all.isEmpty()) {
      filter.set("architectures", all);
    }
    ArrayNode rules = filter.putArray("syscalls");
    for (JsonNode rule : Json.elements(what, profile, "syscalls")) {
      if (!rule.isObject()) {
        throw Json.wrong(what, "syscalls", "a list of objects");
      }
      ObjectNode includes = conditions(rule, "includes");
      ObjectNode excludes = conditions(rule, "excludes");
      List<String> architectures = Json.list(what, includes, ARCHES);
      boolean counts =
          capabilities.containsAll(Json.list(what, includes, CAPS))
              && hasNoneOf(excludes, CAPS, capabilities)
              && (architectures.isEmpty() || architectures.contains(architecture))
              && hasNoneOf(excludes, ARCHES, List.of(architecture))
              && isFrom(includes, kernel, true)
              && !isFrom(excludes, kernel, false);
      ArrayNode names = names(rule);
      if (counts && !names.isEmpty()) {
        ObjectNode added = rules.addObject();
        added.set("names", names);
        added.put("action", Json.required(what, rule, "action"));
        copy(rule, added, List.of("errnoRet", "args"));
      }
    }
    return filter;
  }

  private ArrayNode architectures(String own) throws ImageException {
    List<String> given = Json.list(what, profile, "architectures");
    ArrayNode all = Json.array(given);
    for (JsonNode entry : Json.elements(what, profile, "archMap")) {
      if (!given.isEmpty()) {
        throw new ImageException(what + " has both architectures and archMap");
      }
      String architecture = Json.required(what, entry, "architecture");
      if (architecture.equals(ARCHITECTURES.get(own))) {
        all.add(architecture);
        Json.list(what, entry, "subArchitectures").forEach(all::add);
      }
    }
    return all;
  }

  /** Returns the names of a rule. In the older form of the format a rule has a single name. */
  private ArrayNode names(JsonNode rule) throws ImageException {
    ArrayNode names = Json.array(Json.list(what, rule, "names"));
    String name = Json.text(what, rule, "name");
    if (name != null && !names.isEmpty()) {
      throw new ImageException(what + " has a rule with both name and names: " + name);
    }
    return name == null ? names : names.add(name);
  }

  /**
   * Returns the conditions of a rule. Unknown ones are refused: if they were ignored, the rule
   * would apply more often than the profile says.
   */
  private ObjectNode conditions(JsonNode rule, String field) throws ImageException {
    ObjectNode conditions = Json.object(what, rule, field);
    for (Map.Entry<String, JsonNode> condition : conditions.properties()) {
      if (!CONDITIONS.contains(condition.getKey())) {
        throw new ImageException(
            what + " has an unknown condition in " + field + ": " + condition.getKey());
      }
    }
    return conditions;
  }

  private boolean hasNoneOf(JsonNode condition, String field, List<String> here)
      throws ImageException {
    return Json.list(what, condition, field).stream().noneMatch(here::contains);
  }

  private boolean isFrom(JsonNode condition, String kernel, boolean otherwise)
      throws ImageException {
    String least = Json.text(what, condition, MIN_KERNEL);
    if (least == null || least.isEmpty()) {
      return otherwise;
    }
    int[] wanted = version(least);
    int[] here = version(kernel);
    return here[0] > wanted[0] || here[0] == wanted[0] && here[1] >= wanted[1];
  }

  private int[] version(String text) throws ImageException {
    Matcher matcher = VERSION.matcher(text);
    if (!matcher.matches()) {
      throw new ImageException(what + ": invalid kernel version: " + text);
    }
    return new int[] {Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))};
  }

  private static void copy(JsonNode from, ObjectNode to, List<String> fields) {
    for (String field : fields) {
      JsonNode value = from.get(field);
      if (value != null && !value.isNull()) {
        to.set(field, value);
      }
    }
  }
}
