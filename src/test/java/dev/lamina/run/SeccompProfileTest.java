package dev.lamina.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lamina.image.ImageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests which rules of a profile in Docker's format apply. */
class SeccompProfileTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String KERNEL = "6.1.0-13-amd64";

  private static ObjectNode filter(String rules, String... capabilities) throws IOException {
    String profile = "{'defaultAction': 'SCMP_ACT_ERRNO', 'syscalls': [" + rules + "]}";
    return new SeccompProfile("the profile", parse(profile))
        .filter(List.of(capabilities), "amd64", KERNEL);
  }

  private static ObjectNode parse(String json) throws IOException {
    return (ObjectNode) MAPPER.readTree(json.replace('\'', '"'));
  }

  private static String rule(String name, String more) {
    return "{'names': ['" + name + "'], 'action': 'SCMP_ACT_ALLOW'" + more + "}";
  }

  private static List<String> names(JsonNode filter) {
    List<String> names = new ArrayList<>();
    filter.get("syscalls").forEach(one -> one.get("names").forEach(n -> names.add(n.textValue())));
    return names;
  }

  @Test
  void rulesForCapabilities() throws IOException {
    String rules =
        rule("one", ", 'includes': {'caps': ['CAP_A']}")
            + ","
            + rule("both", ", 'includes': {'caps': ['CAP_A', 'CAP_B']}")
            + ","
            + rule("without", ", 'excludes': {'caps': ['CAP_A', 'CAP_B']}")
            + ","
            + rule("always", ", 'includes': {}, 'excludes': {}, 'args': null, 'comment': ''");
    assertEquals(List.of("without", "always"), names(filter(rules)));
    assertEquals(List.of("one", "always"), names(filter(rules, "CAP_A")));
    assertEquals(List.of("always"), names(filter(rules, "CAP_B")));
    assertEquals(List.of("one", "both", "always"), names(filter(rules, "CAP_B", "CAP_A")));
  }

  @Test
  void rulesForArchitecturesAndKernels() throws IOException {
    String rules =
        rule("own", ", 'includes': {'arches': ['amd64', 'x32']}")
            + ","
            + rule("other", ", 'includes': {'arches': ['arm64']}")
            + ","
            + rule("not-own", ", 'excludes': {'arches': ['amd64']}")
            + ","
            + rule("not-other", ", 'excludes': {'arches': ['s390x']}")
            + ","
            + rule("older", ", 'includes': {'minKernel': '4.8'}")
            + ","
            + rule("same", ", 'includes': {'minKernel': '6.1'}")
            + ","
            + rule("newer", ", 'includes': {'minKernel': '6.10'}")
            + ","
            + rule("until-now", ", 'excludes': {'minKernel': '6.1'}")
            + ","
            + rule("until-later", ", 'excludes': {'minKernel': '7.0'}");
    assertEquals(List.of("own", "not-other", "older", "same", "until-later"), names(filter(rules)));
  }

  @Test
  void whatARuntimeTakes() throws IOException {
    ObjectNode profile =
        parse(
            """
            {'defaultAction': 'SCMP_ACT_ERRNO', 'defaultErrnoRet': 38, 'defaultErrno': 'ENOSYS',
             'flags': ['SECCOMP_FILTER_FLAG_LOG'],
             'archMap': [
               {'architecture': 'SCMP_ARCH_X86_64', 'subArchitectures': ['SCMP_ARCH_X86']},
               {'architecture': 'SCMP_ARCH_AARCH64', 'subArchitectures': ['SCMP_ARCH_ARM']}],
             'syscalls': [
               {'name': 'clone', 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 1, 'priority': 3, 'args': [
                 {'index': 0, 'value': 18446744073709551615, 'valueTwo': 0, 'op': 'SCMP_CMP_EQ'}]}]}
            """);
    String expected =
        """
        {'defaultAction': 'SCMP_ACT_ERRNO', 'defaultErrnoRet': 38,
         'flags': ['SECCOMP_FILTER_FLAG_LOG'],
         'architectures': ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
         'syscalls': [
           {'names': ['clone'], 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 1, 'args': [
             {'index': 0, 'value': 18446744073709551615, 'valueTwo': 0, 'op': 'SCMP_CMP_EQ'}]}]}
        """;
    assertEquals(
        parse(expected), new SeccompProfile("it", profile).filter(List.of(), "arm64", KERNEL));
    assertEquals(
        parse("{'defaultAction': 'SCMP_ACT_ALLOW', 'architectures': ['X'], 'syscalls': []}"),
        new SeccompProfile(
                "it", parse("{'defaultAction': 'SCMP_ACT_ALLOW', 'architectures': ['X']}"))
            .filter(List.of(), "amd64", KERNEL));
  }

  @Test
  void wrongProfiles() {
    for (String[] wrong :
        new String[][] {
          {"{}", "the profile has no field defaultAction"},
          {"{'defaultAction': 'X', 'syscalls': 1}", "syscalls"},
          {"{'defaultAction': 'X', 'syscalls': [{'names': ['a']}]}", "has no field action"},
          {"{'defaultAction': 'X', 'syscalls': [{'names': [1], 'action': 'X'}]}", "names"},
          {
            "{'defaultAction': 'X', 'syscalls': [{'name': 'a', 'names': ['b'], 'action': 'X'}]}",
            "both name and names"
          },
          {
            "{'defaultAction': 'X', 'architectures': ['A'], 'archMap': [{'architecture': 'B'}]}",
            "both architectures and archMap"
          },
          {
            "{'defaultAction': 'X', 'syscalls': [{'name': 'a', 'action': 'X', 'includes':"
                + " {'minKernel': 'new'}}]}",
            "invalid kernel version: new"
          },
          {
            "{'defaultAction': 'X', 'syscalls': [{'name': 'a', 'action': 'X', 'includes':"
                + " {'minKernel': '99999999999.0'}}]}",
            "invalid kernel version: 99999999999.0"
          },
          {
            "{'defaultAction': 'X', 'syscalls': [{'name': 'a', 'action': 'X', 'excludes':"
                + " {'minKernel': 6.1}}]}",
            "minKernel is not a string"
          },
          {
            "{'defaultAction': 'X', 'syscalls': [{'name': 'a', 'action': 'X', 'includes':"
                + " {'arches': 'arm64'}}]}",
            "arches is not a list"
          },
          {
            "{'defaultAction': 'X', 'syscalls': [{'name': 'a', 'action': 'X', 'includes':"
                + " ['CAP_SYS_ADMIN']}]}",
            "includes is not an object"
          },
          {
            "{'defaultAction': 'X', 'syscalls': [{'name': 'a', 'action': 'X', 'excludes':"
                + " {'capabilities': ['CAP_SYS_ADMIN']}}]}",
            "unknown condition in excludes: capabilities"
          },
          {"{'defaultAction': 'X', 'syscalls': ['a']}", "syscalls is not a list of objects"},
        }) {
      ImageException e =
          assertThrows(
              ImageException.class,
              () ->
                  new SeccompProfile("the profile", parse(wrong[0]))
                      .filter(List.of(), "amd64", KERNEL));
      assertTrue(e.getMessage().startsWith("the profile"), e.getMessage());
      assertTrue(e.getMessage().contains(wrong[1]), e.getMessage());
    }
  }

  private static List<String> names(JsonNode filter, String action) {
    List<String> names = new ArrayList<>();
    for (JsonNode rule : filter.get("syscalls")) {
      if (rule.get("action").textValue().equals(action) && !rule.has("args")) {
        rule.get("names").forEach(name -> names.add(name.textValue()));
      }
    }
    return names;
  }

  private static ObjectNode own(List<String> capabilities) throws IOException {
    try (InputStream resource = Seccomp.class.getResourceAsStream("seccomp.json")) {
      return new SeccompProfile("own", (ObjectNode) MAPPER.readTree(resource))
          .filter(capabilities, "amd64", KERNEL);
    }
  }

  /** libseccomp takes one action for a call, and a capability allows the calls that need it. */
  @Test
  void theOwnProfileDoesNotContradictItself() throws IOException {
    List<String> all =
        List.of(
            "CAP_SYS_ADMIN",
            "CAP_BPF",
            "CAP_PERFMON",
            "CAP_SYSLOG",
            "CAP_SYS_BOOT",
            "CAP_SYS_CHROOT",
            "CAP_SYS_MODULE",
            "CAP_SYS_NICE",
            "CAP_SYS_PACCT",
            "CAP_SYS_PTRACE",
            "CAP_SYS_RAWIO",
            "CAP_SYS_TIME",
            "CAP_SYS_TTY_CONFIG",
            "CAP_DAC_READ_SEARCH");
    for (List<String> some : List.of(List.<String>of(), Capabilities.names(), all)) {
      List<String> allowed = names(own(some), "SCMP_ACT_ALLOW");
      List<String> refused = names(own(some), "SCMP_ACT_ERRNO");
      Set<String> both = new HashSet<>(allowed);
      both.retainAll(refused);
      assertEquals(Set.of(), both);
      assertEquals(new HashSet<>(refused).size(), refused.size(), "one action each");
      assertEquals(some == all, allowed.containsAll(List.of("mount", "bpf", "reboot", "clone3")));
      assertTrue(refused.contains("keyctl") && allowed.contains("openat"));
    }
  }

  /** The kernel uses the argument as an int, so its upper 32 bits must not matter. */
  @Test
  void socketsOfEveryFamilyButVsock() throws IOException {
    List<JsonNode> rules = new ArrayList<>();
    for (JsonNode rule : own(List.of()).get("syscalls")) {
      if (rule.get("names").toString().equals("[\"socket\"]")) {
        rules.add(rule);
      }
    }
    for (long upper : new long[] {0, 1L << 32, -1L << 32}) {
      // AF_VSOCK is 40; the highest family of the kernel is 45.
      for (long family = 0; family < 64; family++) {
        long argument = upper | family;
        List<String> actions = new ArrayList<>();
        for (JsonNode rule : rules) {
          JsonNode compared = rule.get("args").get(0);
          assertEquals("SCMP_CMP_MASKED_EQ", compared.get("op").textValue());
          if ((argument & compared.get("value").longValue())
              == compared.get("valueTwo").longValue()) {
            actions.add(rule.get("action").textValue());
          }
        }
        String expected = family == 40 ? "SCMP_ACT_ERRNO" : "SCMP_ACT_ALLOW";
        assertEquals(Set.of(expected), new HashSet<>(actions), Long.toHexString(argument));
      }
    }
  }

  @Test
  void options() throws RunException {
    assertEquals(Seccomp.DEFAULT, Seccomp.parse(List.of()));
    assertEquals(Seccomp.DEFAULT, Seccomp.parse(List.of("seccomp=unconfined", "seccomp=builtin")));
    assertEquals(null, Seccomp.parse(List.of("seccomp=unconfined")).filter(List.of()));
    for (String unknown : List.of("seccomp", "seccomp=", "label=disable")) {
      RunException e = assertThrows(RunException.class, () -> Seccomp.parse(List.of(unknown)));
      assertTrue(e.getMessage().startsWith("unknown security option"), e.getMessage());
    }
    Seccomp missing = Seccomp.parse(List.of("seccomp=" + Path.of("/no/where")));
    RunException e = assertThrows(RunException.class, () -> missing.filter(List.of()));
    assertEquals(
        "the seccomp profile /no/where cannot be read: there is no such file", e.getMessage());
  }
}
