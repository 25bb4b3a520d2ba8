package dev.lamina.run;

import static dev.lamina.testing.Tree.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.RunSettings;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Tree;
import dev.lamina.testing.Waiting;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests with images that try to make a run act outside their root. Whether or not the command runs,
 * nothing outside is changed, mounted over or read.
 */
@Tag("slow")
@Tag("one-jdk")
class HostileRootTest {
  private static final RunSettings PLAIN =
      new RunSettings(List.of(), List.of(), List.of(), "", "", "", Map.of());

  @TempDir static Path shared;
  @TempDir Path directory;

  private static Tree template;

  private Tree root;
  private Tree outside;
  private Path state;
  private String before;

  @BeforeAll
  static void makeTemplate() throws IOException {
    template = TestRoot.make(Files.createDirectory(shared.resolve("root")));
  }

  @BeforeEach
  void prepare() throws IOException {
    root = TestRoot.copyOf(template, Files.createDirectory(directory.resolve("root")));
    state = directory.resolve("state");
    outside = new Tree(directory).directory("outside");
    outside.write("file", "of the host");
    outside.write("resolv.conf", "of the host");
    outside.write("passwd", "mallory:x:4321:0::/:/bin/sh\n");
    outside.directory("directory").write("inner", "of the host");
    before = outsideNow();
  }

  private String outsideNow() throws IOException {
    String files =
        Commands.run("find", outside.string(""), "-printf", "%P %y %m %U %s %T@\n").succeed().out();
    return files + Leftovers.mountsBelow(directory);
  }

  @AfterEach
  void nothingHasHappened() throws IOException {
    assertEquals(before, outsideNow());
    Leftovers.assertNone(state);
  }

  /** Makes a link out of the root, absolute or with "..". */
  private void link(String name, String target, boolean absolute) {
    if (root.exists(name)) {
      Commands.run("rm", "-r", root.string(name)).succeed();
    }
    String up = "../".repeat(30);
    ok(root.symlink(absolute ? outside.string(target) : up + outside.string(target), name));
  }

  private Commands.Result run(RuntimeKind kind, Consumer<RunRequest> wishes) throws IOException {
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    RunRequest request = new RunRequest(root.string(""), PLAIN);
    request.stateDirectory(state).command(List.of("sh", "-c", "echo ran; pwd"));
    request.streams(
        Redirect.from(Path.of("/dev/null").toFile()),
        Redirect.to(out.toFile()),
        Redirect.to(err.toFile()));
    wishes.accept(request);
    int status = kind.run(request);
    return new Commands.Result(
        List.of(),
        status,
        Files.readString(out, StandardCharsets.ISO_8859_1),
        Files.readString(err, StandardCharsets.ISO_8859_1));
  }

  /** Does the same as {@link #run}, but the run may also be refused. */
  private int tryToRun(RuntimeKind kind, Consumer<RunRequest> wishes) throws IOException {
    try {
      return run(kind, wishes).status();
    } catch (RunException e) {
      return e.status();
    }
  }

  @ParameterizedTest
  @EnumSource
  void mountPointsThatAreLinks(RuntimeKind kind) throws Exception {
    for (String name : List.of("proc", "sys", "dev")) {
      for (boolean absolute : new boolean[] {true, false}) {
        link(name, "directory", absolute);
        int status = tryToRun(kind, request -> {});
        assertNotEquals(0, status, name);
        nothingHasHappened();
        ok(root.unlink(name));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anEtcThatIsALink(RuntimeKind kind) throws Exception {
    link("etc", "", true);
    tryToRun(kind, request -> {});
    RunException e =
        assertThrows(RunException.class, () -> run(kind, request -> request.user("mallory")));
    assertTrue(e.getMessage().contains("mallory"), e.getMessage());
  }

  @ParameterizedTest
  @EnumSource
  void aPasswdThatIsALink(RuntimeKind kind) throws Exception {
    for (boolean absolute : new boolean[] {true, false}) {
      link("etc/passwd", "passwd", absolute);
      assertThrows(RunException.class, () -> run(kind, request -> request.user("mallory")));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPasswdThatIsNoFile(RuntimeKind kind) throws Exception {
    ok(root.unlink("etc/passwd"));
    ok(root.mknod("etc/passwd", Mode.S_IFIFO | 0644, 0));
    RunException e = assertThrows(RunException.class, () -> run(kind, r -> {}));
    assertTrue(e.getMessage().contains("regular"), e.getMessage());
    ok(root.unlink("etc/passwd"));
    root.write("etc/passwd", "");
    ok(root.truncate("etc/passwd", 1L << 40));
    e = assertThrows(RunException.class, () -> run(kind, r -> {}));
    assertTrue(e.getMessage().contains("large"), e.getMessage());
  }

  @ParameterizedTest
  @EnumSource
  void filesOfTheNetworkThatAreLinks(RuntimeKind kind) throws Exception {
    for (boolean absolute : new boolean[] {true, false}) {
      link("etc/resolv.conf", "resolv.conf", absolute);
      link("etc/hosts", "new", absolute);
      link("etc/hostname", "directory/new", absolute);
      tryToRun(kind, r -> {});
      nothingHasHappened();
    }
  }

  /**
   * Images with systemd have such a link; its target is made in the root for the time of the run.
   */
  @ParameterizedTest
  @EnumSource
  void aResolvConfThatLeadsNowhere(RuntimeKind kind) throws Exception {
    ok(root.symlink("../run/systemd/resolve/stub-resolv.conf", "etc/resolv.conf"));
    Commands.Result result =
        run(kind, r -> r.hostname("x").command(List.of("cat", "/etc/resolv.conf")));
    assertEquals(0, result.status(), result.err());
    Path host = Path.of("/etc/resolv.conf");
    assertEquals(Files.exists(host) ? Files.readString(host) : "", result.out());
    assertFalse(root.exists("run"), "what was made there has stayed");
  }

  @ParameterizedTest
  @EnumSource
  void aWorkingDirectoryThatIsALink(RuntimeKind kind) throws Exception {
    link("srv", "", true);
    Commands.Result result = run(kind, r -> r.workingDirectory("/srv/made"));
    assertEquals(0, result.status(), result.err());
    // The working directory is within the root, where the same path has been made.
    assertTrue(root.exists(outside.string("made").substring(1)));
    assertTrue(run(kind, r -> r.workingDirectory("/../../..")).out().endsWith("\n/\n"));
  }

  @ParameterizedTest
  @EnumSource
  void aVolumesTargetThatIsALink(RuntimeKind kind) throws Exception {
    Tree host = new Tree(directory).directory("host");
    host.write("given", "to the container");
    link("data", "directory", true);
    link("other", "file", false);
    List<Volume> volumes =
        List.of(
            Volume.parse(host.string("") + ":/data"),
            Volume.parse(host.string("given") + ":/other"));
    before = outsideNow();
    tryToRun(kind, r -> r.volumes(volumes));
  }

  @ParameterizedTest
  @EnumSource
  void linksInACircle(RuntimeKind kind) throws Exception {
    ok(root.symlink("b", "a"));
    ok(root.symlink("a", "b"));
    RunException e =
        assertThrows(RunException.class, () -> run(kind, r -> r.workingDirectory("/a/x")));
    assertTrue(e.getMessage().contains("/a/x"), e.getMessage());
  }

  /** Runs again and again while another thread keeps changing the mount points. */
  @ParameterizedTest
  @EnumSource(value = RuntimeKind.class, names = "NONE")
  void aRootThatIsChangedMeanwhile(RuntimeKind kind) throws Exception {
    for (String name : List.of("proc", "sys", "dev", "srv")) {
      root.directory(name);
      ok(root.symlink(outside.string("directory"), name + ".link"));
    }
    AtomicBoolean ended = new AtomicBoolean();
    Thread changer =
        new Thread(
            () -> {
              while (!ended.get()) {
                for (String name : List.of("proc", "sys", "dev", "srv")) {
                  root.rename(name, name + ".link", Linux.RENAME_EXCHANGE);
                }
                Thread.yield();
              }
            });
    changer.setDaemon(true);
    changer.start();
    try {
      Volume volume = Volume.parse(new Tree(directory).directory("host").string("") + ":/srv/v");
      before = outsideNow();
      for (int i = 0; i < 15; i++) {
        tryToRun(kind, r -> r.workingDirectory("/srv/w").volumes(List.of(volume)));
        nothingHasHappened();
      }
    } finally {
      ended.set(true);
      Waiting.untilEnd("the changer", changer);
    }
  }
}
