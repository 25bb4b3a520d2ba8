package dev.lamina.cli;

import static dev.lamina.testing.Tree.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.run.TestRoot;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Tree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code lamina run} as a user runs it. */
@Tag("slow")
@Tag("one-jdk")
@Timeout(120)
class RunCommandTest {
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
    return Commands.run(Duration.ofSeconds(60), new ProcessBuilder(command));
  }

  private static String diff(String mount) {
    return lamina("diff", mount).succeed().out();
  }

  /** What was made to mount over is no change of the user's. */
  @ParameterizedTest
  @ValueSource(strings = {"runc", "crun", "none"})
  void nothingIsChangedWhereTheCommandChangesNothing(String runtime) {
    for (String image : List.of("none", "files", "links")) {
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
}
