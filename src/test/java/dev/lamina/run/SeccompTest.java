package dev.lamina.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.RunSettings;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Tree;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests the results of system calls in a container ({@code native-test/seccomp_calls.c}). */
@Tag("slow")
@Tag("one-jdk")
class SeccompTest {
  private static final RunSettings PLAIN =
      new RunSettings(List.of(), List.of(), List.of(), "", "", "", Map.of());

  @TempDir static Path shared;
  @TempDir Path directory;

  private static Tree root;

  @BeforeAll
  static void makeRoot() throws IOException {
    root = TestRoot.make(Files.createDirectory(shared.resolve("root")));
    Commands.run(
            "gcc",
            "-static",
            "-O1",
            "-Wall",
            "native-test/seccomp_calls.c",
            "-o",
            root.string("calls"))
        .succeed();
  }

  /** Returns the result of each call by its name. */
  private Map<String, String> calls(RuntimeKind kind, String... options) throws IOException {
    RunRequest request = new RunRequest(root.string(""), PLAIN);
    request.command(List.of("/calls")).seccomp(Seccomp.parse(List.of(options)));
    request.stateDirectory(directory.resolve("state"));
    Path out = directory.resolve("out");
    Redirect nothing = Redirect.from(Path.of("/dev/null").toFile());
    request.streams(nothing, Redirect.to(out.toFile()), Redirect.INHERIT);
    assertEquals(0, kind.run(request));
    Map<String, String> all = new TreeMap<>();
    for (String line : Files.readAllLines(out)) {
      all.put(line.split(" ")[0], line.split(" ")[1]);
    }
    return all;
  }

  @ParameterizedTest
  @EnumSource(names = {"RUNC", "CRUN"})
  void whatACommandMayNotDo(RuntimeKind kind) throws Exception {
    Map<String, String> expected = new TreeMap<>();
    for (String allowed :
        List.of("clone", "pthread", "personality", "socket", "socket-64", "chroot", "ptrace")) {
      expected.put(allowed, "ok");
    }
    for (String refused :
        List.of(
            "clone-user",
            "clone-net",
            "unshare-user",
            "setns",
            "mount",
            "umount2",
            "pivot_root",
            "keyctl",
            "add_key",
            "kexec_load",
            "bpf",
            "perf_event_open",
            "io_uring_setup",
            "userfaultfd",
            "open_by_handle_at",
            "settimeofday")) {
      expected.put(refused, "EPERM");
    }
    // An unknown call fails with ENOSYS, so that a libc falls back on an older one.
    for (String missing : List.of("clone3", "not-known", "personality-random")) {
      expected.put(missing, "ENOSYS");
    }
    for (String family : List.of("socket-vsock", "socket-vsock-64", "socket-unknown")) {
      expected.put(family, "EAFNOSUPPORT");
    }
    if (System.getProperty("os.arch").equals("amd64")) {
      expected.put("getpid-32", "ok");
      expected.put("keyctl-32", "EPERM");
      expected.put("unshare-user-32", "EPERM");
      expected.put("socket-vsock-32", "EAFNOSUPPORT");
      expected.put("socketcall-32", "ok");
    }
    assertEquals(expected, calls(kind));
  }

  @ParameterizedTest
  @EnumSource
  void unconfined(RuntimeKind kind) throws Exception {
    Map<String, String> calls = calls(kind, "seccomp=unconfined");
    for (String call : List.of("unshare-user", "clone-user", "keyctl", "add_key")) {
      assertEquals("ok", calls.get(call), call);
    }
    assertEquals("EINVAL", calls.get("clone3"));
    if (!kind.isRuntime()) {
      assertEquals(calls, calls(kind), "without a runtime there is no filter");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aProfileOfTheUsers(RuntimeKind kind) throws Exception {
    Path file = directory.resolve("profile.json");
    Files.writeString(
        file,
        """
        {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
          {"names": ["keyctl"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95},
          {"names": ["chroot"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95,
           "excludes": {"caps": ["CAP_SYS_CHROOT"]}}]}
        """);
    if (kind.isRuntime()) {
      Map<String, String> calls = calls(kind, "seccomp=" + file);
      assertEquals("EOPNOTSUPP", calls.get("keyctl").replace("ENOTSUP", "EOPNOTSUPP"));
      assertEquals("ok", calls.get("chroot"));
      assertEquals("ok", calls.get("unshare-user"));
    } else {
      RunException e = assertThrows(RunException.class, () -> calls(kind, "seccomp=" + file));
      assertTrue(e.getMessage().contains("needs runc or crun"), e.getMessage());
    }
    assertFalse(root.exists("proc"));
  }

  @Test
  void aProfileThatIsNone() throws Exception {
    Path file = directory.resolve("profile.json");
    Files.writeString(file, "{");
    RunException e =
        assertThrows(RunException.class, () -> calls(RuntimeKind.RUNC, "seccomp=" + file));
    assertTrue(e.getMessage().contains("is not valid JSON"), e.getMessage());
    assertEquals(125, e.status());
  }
}
