package dev.lamina.run;

import static dev.lamina.testing.Tree.ok;
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
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests that the mount points a run makes leave no trace. */
@Tag("slow")
@Tag("one-jdk")
class MountTargetsTest {
  private static final RunSettings PLAIN =
      new RunSettings(List.of(), List.of(), List.of(), "", "", "", Map.of());

  @TempDir static Path shared;
  @TempDir Path directory;

  private static Tree template;

  private Tree root;
  private Path state;

  @BeforeAll
  static void makeTemplate() throws IOException {
    template = TestRoot.make(Files.createDirectory(shared.resolve("root")));
  }

  @BeforeEach
  void copyTemplate() throws IOException {
    root = TestRoot.copyOf(template, Files.createDirectory(directory.resolve("root")));
    state = directory.resolve("state");
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    Leftovers.assertNone(state);
  }

  /** Returns all objects in the root file system, with their inode numbers and times. */
  private String all() {
    return Commands.run("find", root.string(""), "-printf", "%P %y %m %U %G %s %T@ %n %i %l\n")
        .succeed()
        .out();
  }

  private void run(RuntimeKind kind, String script, String... volumes) throws IOException {
    List<Volume> parsed = new ArrayList<>();
    for (String volume : volumes) {
      parsed.add(Volume.parse(volume));
    }
    RunRequest request = new RunRequest(root.string(""), PLAIN);
    request.command(List.of("sh", "-ec", script)).volumes(parsed).stateDirectory(state);
    Path err = directory.resolve("err");
    Redirect nothing = Redirect.from(Path.of("/dev/null").toFile());
    request.streams(nothing, Redirect.DISCARD, Redirect.to(err.toFile()));
    assertEquals(0, kind.run(request), () -> read(err));
  }

  private static String read(Path file) {
    return new Tree(file.getParent()).read(file.getFileName().toString());
  }

  @ParameterizedTest
  @EnumSource
  void anImageWithoutAnyOfThem(RuntimeKind kind) throws Exception {
    assertFalse(root.exists("proc") || root.exists("etc/hosts"));
    String before = all();
    run(kind, "cat /etc/hosts /etc/resolv.conf /etc/hostname /proc/self/stat; ls /dev/null /sys");
    assertEquals(before, all());
    run(kind, "true");
    assertEquals(before, all(), "the second time");
  }

  @ParameterizedTest
  @EnumSource
  void anImageWithAllOfThem(RuntimeKind kind) throws Exception {
    for (String name : List.of("proc", "sys", "dev")) {
      root.directory(name);
    }
    root.write("etc/hosts", "");
    root.write("etc/resolv.conf", "of the image\n");
    root.write("etc/hostname", "");
    String before = all();
    run(kind, "cat /etc/hosts");
    assertEquals(before, all(), "also the empty files");
  }

  @ParameterizedTest
  @EnumSource
  void links(RuntimeKind kind) throws Exception {
    ok(root.symlink("../run/systemd/resolve/stub-resolv.conf", "etc/resolv.conf"));
    ok(root.symlink("/tmp/hosts", "etc/hosts"));
    root.write("tmp/names", "");
    ok(root.symlink("/tmp/names", "etc/hostname"));
    String before = all();
    run(kind, "cat /etc/resolv.conf /etc/hosts /etc/hostname");
    assertEquals(before, all());
  }

  @ParameterizedTest
  @EnumSource
  void volumes(RuntimeKind kind) throws Exception {
    Tree host = new Tree(directory).directory("host");
    host.write("file", "x");
    String before = all();
    run(
        kind,
        "[ -e /srv/a/file ] && [ -e /srv/b/c/file ] && [ -e /etc/own ] && touch /srv/a/new",
        host.string("") + ":/srv/a",
        host.string("") + ":/srv/b/c:ro",
        // This target is on the first volume, so its mount point stays.
        host.string("file") + ":/srv/a/place",
        host.string("file") + ":/etc/own",
        host.string("") + ":/tmp");
    assertEquals(before, all());
    assertEquals(List.of("file", "new", "place"), host.list(""));
  }

  /** The command's own changes in a directory stay, also an object that replaces a mount point. */
  @ParameterizedTest
  @EnumSource
  void changesOfTheCommandStay(RuntimeKind kind) throws Exception {
    Tree host = new Tree(directory).directory("host");
    ok(root.utimens("etc", 1_000, 0));
    ok(root.utimens("home", 1_000, 0));
    run(kind, "echo x >/etc/mine; mv /home /moved", host.string("") + ":/srv/inner");
    assertEquals(List.of("group", "mine", "passwd"), root.list("etc"));
    assertFalse(root.stat("etc").mtimeSeconds == 1_000, "the directory has changed");
    assertEquals(1_000, root.stat("moved").mtimeSeconds);
    assertFalse(root.exists("srv"), "it was made for the volume");
  }

  @ParameterizedTest
  @EnumSource
  void aDirectoryThatWasGivenMoreStays(RuntimeKind kind) throws Exception {
    Tree host = new Tree(directory).directory("host");
    run(kind, "echo x >/srv/more", host.string("") + ":/srv/inner");
    assertEquals(List.of("more"), root.list("srv"));
  }

  /** The mount points of a killed run are known only by its notes; the last line is incomplete. */
  @Test
  void thoseOfAKilledRun() throws Exception {
    Tree host = new Tree(directory).directory("host");
    root.write("etc/hostname", "");
    String before = all();
    Path notes = directory.resolve("notes");
    RunRequest request = new RunRequest(root.string(""), PLAIN).notes(notes);
    request.command(List.of("true")).stateDirectory(state);
    request.volumes(List.of(Volume.parse(host.string("") + ":/srv/\u00e4 \"b/c")));
    try (Container container = Container.prepare(request)) {
      container.networkFiles();
      assertTrue(root.exists("srv") && root.exists("proc") && root.exists("etc/hosts"));
      Files.write(notes, Bytes.of("{\"directory\":\"/\u00c3"), StandardOpenOption.APPEND);
      assertTrue(new AbandonedRun("none", Path.of(root.string("")), notes, Instant.now()).remove());
      assertEquals(before, all());
    }
  }

  /** The command is not run, and nothing is left. */
  @ParameterizedTest
  @EnumSource
  void aRunThatFails(RuntimeKind kind) throws Exception {
    String before = all();
    Tree host = new Tree(directory).directory("host");
    host.write("file", "x");
    RunRequest request = new RunRequest(root.string(""), PLAIN);
    request.command(List.of("true")).stateDirectory(state);
    request.volumes(
        List.of(
            Volume.parse(host.string("") + ":/srv/a"),
            Volume.parse(host.string("file") + ":/etc")));
    RunException e = assertThrows(RunException.class, () -> kind.run(request));
    assertEquals("/etc in the root file system: is a directory", e.getMessage());
    assertEquals(before, all());
  }
}
