package dev.lamina.run;

import static dev.lamina.testing.Tree.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.RunSettings;
import dev.lamina.sys.Devices;
import dev.lamina.sys.Mode;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Tree;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests what a command finds and what it leaves, with every kind of runner. */
@Tag("slow")
@Tag("one-jdk")
class RunTest {
  @TempDir static Path shared;
  @TempDir Path directory;

  private static Tree template;

  private Tree root;
  private Path state;
  private String mountsBefore;

  /** The exit status and the output of a command, with one character for each byte. */
  private record Outcome(int status, String out, String err) {}

  @BeforeAll
  static void makeTemplate() throws IOException {
    template = TestRoot.make(Files.createDirectory(shared.resolve("root")));
  }

  @BeforeEach
  void copyTemplate() throws IOException {
    root = TestRoot.copyOf(template, Files.createDirectory(directory.resolve("root")));
    state = directory.resolve("state");
    mountsBefore = mounts();
  }

  private String mounts() throws IOException {
    return Leftovers.mountsBelow(directory);
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    Leftovers.assertNone(state);
    assertEquals(mountsBefore, mounts());
  }

  private static RunSettings settings(List<String> env, List<String> entry, List<String> cmd) {
    return new RunSettings(env, entry, cmd, "", "", "", Map.of());
  }

  private static final RunSettings PLAIN = settings(List.of(), List.of(), List.of());

  private Outcome run(RuntimeKind kind, RunSettings image, Consumer<RunRequest> wishes)
      throws IOException {
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    Files.deleteIfExists(out);
    Files.deleteIfExists(err);
    RunRequest request = new RunRequest(root.string(""), image);
    request.stateDirectory(state);
    request.streams(
        Redirect.from(Path.of("/dev/null").toFile()),
        Redirect.to(out.toFile()),
        Redirect.to(err.toFile()));
    wishes.accept(request);
    int status = kind.run(request);
    return new Outcome(
        status,
        Files.readString(out, StandardCharsets.ISO_8859_1),
        Files.readString(err, StandardCharsets.ISO_8859_1));
  }

  private Outcome shell(RuntimeKind kind, String script) throws IOException {
    return shell(kind, script, request -> {});
  }

  private Outcome shell(RuntimeKind kind, String script, Consumer<RunRequest> wishes)
      throws IOException {
    return run(
        kind,
        PLAIN,
        request -> {
          request.command(List.of("sh", "-c", script));
          wishes.accept(request);
        });
  }

  private String out(RuntimeKind kind, String script, Consumer<RunRequest> wishes)
      throws IOException {
    Outcome outcome = shell(kind, script, wishes);
    assertEquals(0, outcome.status(), outcome.toString());
    return outcome.out();
  }

  @ParameterizedTest
  @EnumSource
  void exitStatus(RuntimeKind kind) throws Exception {
    assertEquals(0, shell(kind, "exit 0").status());
    Outcome outcome = shell(kind, "echo out; echo err >&2; exit 7");
    assertEquals(new Outcome(7, "out\n", "err\n"), outcome);
    assertEquals(255, shell(kind, "exit 255").status());
  }

  @ParameterizedTest
  @EnumSource
  void aProgramThatIsNotThere(RuntimeKind kind) {
    for (List<String> command :
        List.of(List.of("nothing"), List.of("/nothing"), List.of("./bin/nothing"))) {
      RunException e =
          assertThrows(RunException.class, () -> run(kind, PLAIN, r -> r.command(command)));
      assertEquals(127, e.status());
      assertTrue(e.getMessage().contains(command.get(0)), e.getMessage());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aProgramThatCannotBeExecuted(RuntimeKind kind) {
    root.write("bin/data", "x");
    for (String name : List.of("data", "/etc/passwd", "/etc")) {
      RunException e =
          assertThrows(RunException.class, () -> run(kind, PLAIN, r -> r.command(List.of(name))));
      assertEquals(126, e.status());
    }
  }

  @ParameterizedTest
  @EnumSource
  void namespaces(RuntimeKind kind) throws Exception {
    String script = "echo $$; cd /proc/self/ns; readlink pid ipc uts mnt net; hostname";
    List<String> lines = out(kind, script, r -> r.hostname("other")).lines().toList();
    assertEquals("1", lines.get(0));
    List<String> names = List.of("pid", "ipc", "uts", "mnt", "net");
    for (int i = 0; i < names.size(); i++) {
      String own = Files.readSymbolicLink(Path.of("/proc/self/ns", names.get(i))).toString();
      assertEquals(names.get(i).equals("net"), own.equals(lines.get(i + 1)), names.get(i));
    }
    assertEquals("other", lines.get(6));
    assertNotEquals("other", Files.readString(Path.of("/proc/sys/kernel/hostname")).strip());
  }

  @ParameterizedTest
  @EnumSource
  void withoutANetwork(RuntimeKind kind) throws Exception {
    String script =
        "readlink /proc/self/ns/net; cat /sys/class/net/lo/flags; echo /sys/class/net/*";
    List<String> lines = out(kind, script, r -> r.network(Network.NONE)).lines().toList();
    assertNotEquals(Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString(), lines.get(0));
    assertEquals("0x9", lines.get(1), "not up");
    assertFalse(lines.get(2).contains("eth"));
  }

  @ParameterizedTest
  @EnumSource
  void environment(RuntimeKind kind) throws Exception {
    RunSettings image =
        settings(
            List.of("A=image", "B=im ä'\"$(x)\n", "dotted.name=1", "NOVALUE"),
            List.of(),
            List.of());
    Consumer<RunRequest> wishes =
        r ->
            r.command(List.of("env", "-0"))
                .environment(List.of("A=user\\101", "C=", "JAVA_HOME", "UNHEARD_OF"))
                .hostname("box");
    Outcome outcome = run(kind, image, wishes);
    List<String> expected = new ArrayList<>();
    expected.add("A=user\\101");
    expected.add(Bytes.ofText("B=im ä'\"$(x)\n"));
    expected.add("C=");
    expected.add("HOME=/root");
    expected.add("HOSTNAME=box");
    expected.add("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    expected.add("dotted.name=1");
    if (System.getenv("JAVA_HOME") != null) {
      expected.add("JAVA_HOME=" + System.getenv("JAVA_HOME"));
    }
    assertEquals(
        expected.stream().sorted().toList(),
        List.of(outcome.out().split("\0")).stream().sorted().toList());
  }

  /** Code of the image must not be loaded into a program of the host. */
  @ParameterizedTest
  @EnumSource
  void theHostsProgramsDoNotSeeTheEnvironment(RuntimeKind kind) throws Exception {
    root.write("preload.so", "no library");
    Consumer<RunRequest> wishes =
        r -> r.environment(List.of("LD_PRELOAD=/preload.so", "LD_DEBUG=unused"));
    Outcome outcome = shell(kind, "echo $LD_PRELOAD", wishes);
    assertEquals("/preload.so\n", outcome.out());
    // Only the container's own dynamic linker complains, about files in the container.
    assertFalse(outcome.err().contains("unshare") || outcome.err().contains("setpriv"));
    assertFalse(outcome.err().contains("cannot open"), outcome.err());
  }

  @ParameterizedTest
  @EnumSource
  void argumentsOfAnyCharacters(RuntimeKind kind) throws Exception {
    List<String> odd =
        List.of(
            "",
            " ",
            "a b",
            "*",
            "$HOME",
            "`id`",
            "'",
            "\"",
            "\\",
            "\n",
            "x\n\n",
            "%s",
            "-n",
            "\u0001",
            Bytes.ofText("ä\u0081\u0088€"),
            "a=b",
            "\\0101");
    List<String> command =
        new ArrayList<>(List.of("sh", "-c", "for a; do printf '%s|' \"$a\"; done", "sh"));
    command.addAll(odd);
    Outcome outcome = run(kind, PLAIN, r -> r.command(command));
    assertEquals(String.join("|", odd) + "|", outcome.out());
  }

  @ParameterizedTest
  @EnumSource
  void argumentsThatAreNoText(RuntimeKind kind) throws Exception {
    List<String> command = List.of("sh", "-c", "printf '%s' \"$1\"", "sh", "\u00e4\u00ff\u0081");
    if (kind.isRuntime()) {
      RunException e =
          assertThrows(RunException.class, () -> run(kind, PLAIN, r -> r.command(command)));
      assertTrue(e.getMessage().contains("UTF-8"), e.getMessage());
      assertEquals(125, e.status());
    } else {
      assertEquals("\u00e4\u00ff\u0081", run(kind, PLAIN, r -> r.command(command)).out());
    }
  }

  @ParameterizedTest
  @EnumSource
  void entrypointAndCommand(RuntimeKind kind) throws Exception {
    RunSettings image =
        settings(List.of(), List.of("sh", "-c", "echo $*", "x"), List.of("of", "image"));
    assertEquals("of image\n", run(kind, image, r -> {}).out());
    assertEquals("mine\n", run(kind, image, r -> r.command(List.of("mine"))).out());
    assertEquals("", run(kind, image, r -> r.entrypoint(List.of("cat"))).out());
    Consumer<RunRequest> none =
        r -> r.entrypoint(List.of("")).command(List.of("sh", "-c", "echo $#"));
    assertEquals("0\n", run(kind, image, none).out());
    RunException e = assertThrows(RunException.class, () -> run(kind, PLAIN, r -> {}));
    assertEquals(125, e.status());
    assertTrue(e.getMessage().contains("no command"), e.getMessage());
  }

  @ParameterizedTest
  @EnumSource
  void users(RuntimeKind kind) throws Exception {
    String script = "id -u; id -g; id -G; echo $HOME";
    assertEquals("0\n0\n0\n/root\n", out(kind, script, r -> {}));
    assertEquals("1000\n1001\n1001 2000\n/home/ann\n", out(kind, script, r -> r.user("ann")));
    assertEquals("1000\n1001\n1001 2000\n/home/ann\n", out(kind, script, r -> r.user("1000")));
    assertEquals("1000\n50\n50\n/home/ann\n", out(kind, script, r -> r.user("ann:staff")));
    assertEquals("77\n0\n0\n/\n", out(kind, script, r -> r.user("77")));
    assertEquals("77\n88\n88\n/\n", out(kind, script, r -> r.user("77:88")));
    for (String nobody : List.of("bob", "ann:nogroup", "-1", "4294967296")) {
      RunException e =
          assertThrows(RunException.class, () -> shell(kind, "true", r -> r.user(nobody)));
      assertTrue(e.getMessage().contains("/etc/"), e.getMessage());
    }
  }

  @ParameterizedTest
  @EnumSource
  void workingDirectory(RuntimeKind kind) throws Exception {
    assertEquals("/\n", out(kind, "pwd", r -> {}));
    assertEquals("/new/one\n", out(kind, "pwd", r -> r.workingDirectory("/new/one")));
    assertTrue(root.stat("new/one").isDirectory());
    RunSettings image =
        new RunSettings(List.of(), List.of(), List.of("sh", "-c", "pwd"), "", "/srv", "", Map.of());
    assertEquals("/srv\n", run(kind, image, r -> {}).out());
    assertEquals("/srv/sub\n", run(kind, image, r -> r.workingDirectory("sub")).out());
  }

  @ParameterizedTest
  @EnumSource
  void volumes(RuntimeKind kind) throws Exception {
    Tree host = new Tree(directory).directory("host");
    host.write("in", "from the host\n");
    host.directory("sub");
    List<Volume> volumes =
        List.of(
            Volume.parse(host.string("") + ":/vol/writable"),
            Volume.parse(host.string("") + ":/vol/protected:ro"),
            Volume.parse(host.string("in") + ":/etc/one/file:ro"));
    String script =
        "cat /vol/writable/in /etc/one/file; echo x >/vol/writable/sub/new;"
            + " touch /vol/protected/no || touch /etc/one/file || echo refused";
    Outcome outcome = shell(kind, script, r -> r.volumes(volumes));
    assertEquals("from the host\nfrom the host\nrefused\n", outcome.out());
    assertEquals("x\n", host.read("sub/new"));
    assertFalse(host.exists("no"));
    Volume missing = Volume.parse(host.string("missing") + ":/x");
    RunException e =
        assertThrows(
            RunException.class, () -> shell(kind, "true", r -> r.volumes(List.of(missing))));
    assertTrue(e.getMessage().contains("missing"), e.getMessage());
  }

  @ParameterizedTest
  @EnumSource
  void filesOfTheNetwork(RuntimeKind kind) throws Exception {
    root.write("etc/hosts", "of the image");
    String script = "cat /etc/hostname; cat /etc/resolv.conf; cat /etc/hosts";
    String printed = out(kind, script, r -> r.hostname("box"));
    Path resolv = Path.of("/etc/resolv.conf");
    String expected = "box\n" + (Files.exists(resolv) ? Files.readString(resolv) : "");
    assertTrue(printed.startsWith(expected), printed);
    String hosts = printed.substring(expected.length());
    assertTrue(hosts.startsWith("127.0.0.1\tlocalhost\n") && hosts.contains("\tbox\n"), hosts);
    assertEquals("of the image", root.read("etc/hosts"));
  }

  @ParameterizedTest
  @EnumSource
  void capabilities(RuntimeKind kind) throws Exception {
    String script =
        "while read -r k v; do case $k in Cap*) echo $k$v;; esac; done </proc/self/status";
    String bounding = kind.isRuntime() ? "00000000a80425fb" : "00000000a00425fb";
    String none = "0000000000000000";
    assertEquals(
        List.of(
            "CapInh:" + none,
            "CapPrm:" + bounding,
            "CapEff:" + bounding,
            "CapBnd:" + bounding,
            "CapAmb:" + none),
        out(kind, script, r -> {}).lines().toList());
    assertEquals(
        List.of(
            "CapInh:" + none,
            "CapPrm:" + none,
            "CapEff:" + none,
            "CapBnd:" + bounding,
            "CapAmb:" + none),
        out(kind, script, r -> r.user("ann")).lines().toList());
  }

  @ParameterizedTest
  @EnumSource
  void whatOfTheKernelsIsHidden(RuntimeKind kind) throws Exception {
    String script =
        "cat /proc/timer_list /proc/keys; ls /sys/firmware /proc/acpi 2>/dev/null; umask;"
            + " for f in /proc/sys/kernel/hostname /proc/sysrq-trigger /sys/kernel/x; do"
            + " (echo x >$f) 2>/dev/null && echo $f; done; mount -t tmpfs none /tmp 2>/dev/null && echo mounted;"
            + " ls /dev; echo y >/dev/null && echo z >/dev/shm/z && cat /dev/shm/z";
    Outcome outcome = shell(kind, script);
    List<String> lines = new ArrayList<>(outcome.out().lines().toList());
    lines.removeAll(List.of("/sys/firmware:", "/proc/acpi:", "", "core"));
    assertEquals(
        List.of(
            "0022", "fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "stderr",
            "stdin", "stdout", "tty", "urandom", "zero", "z"),
        lines,
        outcome.err());
  }

  @ParameterizedTest
  @EnumSource
  void devicesOfTheHostCannotBeUsed(RuntimeKind kind) throws Exception {
    ok(root.mknod("kmsg", Mode.S_IFCHR | 0666, Devices.make(1, 11)));
    ok(root.chmod("kmsg", 0666));
    String script =
        "(read -r x </kmsg) && echo read; mknod /mine c 1 11 && (read -r x </mine) && echo made; true";
    assertEquals("", shell(kind, script).out());
  }

  @ParameterizedTest
  @EnumSource
  void aReadOnlyRoot(RuntimeKind kind) throws Exception {
    Tree host = new Tree(directory).directory("host");
    List<Volume> volumes = List.of(Volume.parse(host.string("") + ":/data"));
    Outcome outcome =
        shell(
            kind,
            "touch /data/yes; touch /no || echo refused",
            r -> r.readOnly(true).volumes(volumes));
    assertEquals("refused\n", outcome.out());
    assertTrue(host.exists("yes"));
    assertFalse(root.exists("no"));
  }

  @ParameterizedTest
  @EnumSource
  void theRootCannotBeLeft(RuntimeKind kind) throws Exception {
    Path program = directory.resolve("root/escape");
    // The program is static, because the root does not have the libraries of this machine.
    Commands.run(
            "gcc",
            "-static",
            "-O1",
            "-Wall",
            "native-test/chroot_escape.c",
            "-o",
            program.toString())
        .succeed();
    String canary = directory.resolve("canary").toString();
    Files.writeString(Path.of(canary), "x");
    Outcome outcome = run(kind, PLAIN, r -> r.command(List.of("/escape", canary)));
    assertEquals("inside\n", outcome.out(), outcome.err());
  }

  /** CVE-2019-5736: a script's interpreter may be the program that executes the script. */
  @ParameterizedTest
  @EnumSource
  void theProgramThatExecutesCannotBeChanged(RuntimeKind kind) throws Exception {
    ok(root.unlink("usr/bin/env"));
    ok(root.unlink("bin/env"));
    root.write("evil", "#!/proc/self/exe\nchmod 755 /proc/$$/exe && echo changed\n");
    ok(root.chmod("evil", 0755));
    Outcome outcome = run(kind, PLAIN, r -> r.command(List.of("/evil")));
    assertFalse(outcome.out().contains("changed"), outcome.toString());
    if (!kind.isRuntime()) {
      assertTrue(outcome.err().contains("Read-only"), outcome.toString());
    }
  }

  @ParameterizedTest
  @EnumSource
  void anImageWithoutAnEnvProgram(RuntimeKind kind) throws Exception {
    ok(root.unlink("usr/bin/env"));
    ok(root.unlink("bin/env"));
    assertEquals(
        "a  b\n|", out(kind, "printf '%s|' \"$X\"", r -> r.environment(List.of("X=a  b\n"))));
    Consumer<RunRequest> dotted = r -> r.environment(List.of("a.b=c"));
    if (kind.isRuntime()) {
      assertEquals("", out(kind, "true", dotted));
    } else {
      RunException e = assertThrows(RunException.class, () -> shell(kind, "true", dotted));
      assertTrue(e.getMessage().contains("a.b"), e.getMessage());
    }
  }
}
