package dev.lamina.cli;

import static dev.lamina.testing.Tree.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.run.TestRoot;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Tree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests {@code lamina run} as users run it. */
@Tag("slow")
@Tag("one-jdk")
class RunCommandTest {
  /** A regular expression for the line on standard error of a run without an OCI runtime. */
  private static final String UNCONFINED =
      "lamina: warning: running without an OCI runtime \\(experimental, unconfined\\): [^\n]*\n";

  @TempDir static Path directory;

  private static Tree root;

  @BeforeAll
  static void images() throws IOException {
    root = TestRoot.make(Files.createDirectory(directory.resolve("root")));
    lamina("import", root.string(""), "none").succeed();
    root.directory("proc").directory("sys");
    root.write("etc/hosts", "");
    root.write("etc/resolv.conf", "of the image\n");
    lamina("import", root.string(""), "files").succeed();
    ok(root.unlink("etc/hosts"));
    ok(root.unlink("etc/resolv.conf"));
    ok(root.symlink("../run/resolve/resolv.conf", "etc/resolv.conf"));
    ok(root.symlink("/tmp/hosts", "etc/hosts"));
    lamina("import", root.string(""), "links").succeed();
  }

  private static Commands.Result lamina(String... arguments) {
    List<String> command =
        new ArrayList<>(List.of("scripts/lamina", "--root", directory.resolve("store").toString()));
    command.addAll(List.of(arguments));
    return Commands.run(new ProcessBuilder(command));
  }

  private static String diff(String mount) {
    return lamina("diff", mount).succeed().out();
  }

  /** Returns some images for each runtime; all with the property lamina.test.all. */
  private static List<String> images(String runtime) {
    if (Boolean.getBoolean("lamina.test.all")) {
      return List.of("none", "files", "links");
    }
    return switch (runtime) {
      case "runc" -> List.of("none", "links");
      case "crun" -> List.of("files");
      default -> List.of("none", "files");
    };
  }

  /** Mount points that a run makes are not changes of the user. */
  @ParameterizedTest
  @ValueSource(strings = {"runc", "crun", "none"})
  void nothingIsChangedWhereTheCommandChangesNothing(String runtime) {
    for (String image : images(runtime)) {
      String name = image + "-" + runtime;
      String volume = directory.toString() + ":/srv/inner";
      List<String> run = List.of("run", "--runtime", runtime, "--name", name, "-v", volume, image);
      List<String> nothing = new ArrayList<>(run);
      nothing.addAll(List.of("cat", "/etc/hosts", "/etc/resolv.conf", "/srv/inner/root/etc/group"));
      lamina(nothing.toArray(String[]::new)).succeed();
      assertEquals("", diff(name));
      lamina("commit", name, "copy-of-" + name).succeed();
      assertEquals("", diff("copy-of-" + name));

      List<String> something = new ArrayList<>(run);
      something.addAll(List.of("touch", "/etc/mine"));
      lamina(something.toArray(String[]::new)).succeed();
      assertEquals("C /etc\nA /etc/mine\n", diff(name));
    }
  }

  @Test
  void oneLineSaysThatARunWithoutARuntimeIsUnconfined() {
    for (String runtime : List.of("none", "runc")) {
      Commands.Result run =
          lamina("run", "--rm", "--runtime", runtime, "none", "sh", "-c", "echo out");
      assertEquals("out\n", run.succeed().out());
      assertEquals(runtime.equals("none"), run.err().matches(UNCONFINED), run.err());
    }
  }

  /** Changes from before a run are not removed with it, whether or not it succeeds. */
  @Test
  void aKeptMountIsNotRemoved() throws IOException {
    lamina("run", "--runtime", "none", "--name", "kept", "none", "touch", "/etc/mine").succeed();
    Commands.Result run = lamina("run", "--rm", "--name", "kept", "none", "no-such-command");
    assertEquals(125, run.status(), run.err());
    assertTrue(run.err().contains("leave out --rm"), run.err());
    assertEquals("C /etc\nA /etc/mine\n", diff("kept"));
    // If the mount is made after the run has begun, the process that mounts finds it.
    String place = Files.createDirectory(directory.resolve("place")).toString();
    Commands.Result mount = lamina("mount", "--new", "--name=kept", "none", place);
    assertEquals(1, mount.status(), mount.err());
    assertTrue(mount.err().contains("a mount named kept already exists"), mount.err());
    assertEquals("C /etc\nA /etc/mine\n", diff("kept"));
  }

  /** Names of mounts are also made from names that are not allowed for a mount. */
  @Test
  void namesMadeFromImages() {
    String digest = "sha256:" + "0".repeat(64);
    for (String[] image :
        new String[][] {
          {"registry.example:5000/team/debian:12", "debian"},
          {"registry.example/debian@" + digest, "debian"},
          {"debian:12@" + digest, "debian"},
          {digest, "sha256"},
          {"__odd__", "odd__"},
          {"a".repeat(200) + ":latest", "a".repeat(100)}
        }) {
      String name = RunCommand.newName(image[0]);
      assertTrue(name.matches(image[1] + "-[0-9a-f]{1,16}"), name);
      assertTrue(name.length() <= 128, name);
    }
  }

  /** After chroot(1) the root is not a mount point, so it cannot be changed. */
  @Test
  void afterChrootOneLineSaysWhatIsWrong() throws IOException {
    Path place = Files.createDirectory(directory.resolve("chroot"));
    String script =
        """
        mount -t tmpfs tmpfs "$1"
        mkdir "$1/root"
        for place in /*; do
          if [ -h "$place" ]; then
            cp -a "$place" "$1/root"
          elif [ -d "$place" ]; then
            mkdir "$1/root$place"
            mount --rbind "$place" "$1/root$place"
          fi
        done
        shift
        exec chroot "$OLDPWD/root" "$@"
        """
            .replace("$OLDPWD", place.toString());
    Commands.Result result =
        Commands.run(
            "unshare",
            "--mount",
            "--propagation=private",
            "bash",
            "-euc",
            script,
            "bash",
            place.toString(),
            Path.of("scripts/lamina").toAbsolutePath().toString(),
            "--root",
            directory.resolve("store").toString(),
            "run",
            "--rm",
            "--runtime=none",
            "none",
            "true");
    assertEquals(125, result.status(), result.err());
    assertTrue(
        result
            .err()
            .matches(
                UNCONFINED
                    + "lamina: the root directory is not a mount point, as after chroot[^\n]*\n"),
        result.err());
  }
}
