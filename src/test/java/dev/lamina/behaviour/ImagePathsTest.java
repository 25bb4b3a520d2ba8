package dev.lamina.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.testing.Commands;
import dev.lamina.testing.Sandbox;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Images in files and directories whose names are bytes, and no text of any encoding. */
@Tag("slow")
@Tag("one-jdk")
class ImagePathsTest {
  private static final String DIRECTORY = "d\u00fc\u00c3\u00bc";

  private final Sandbox sandbox = new Sandbox();

  @AfterEach
  void cleanUp() {
    sandbox.close();
  }

  /**
   * Runs a script in the locale that has no more than ASCII, in which {@code lamina} is the program
   * with a store of its own.
   */
  private Commands.Result shell(String script) {
    String start =
        "set -e; lamina() { "
            + Lamina.program()
            + " --root \"$root/store\" \"$@\"; }\n"
            + "root=$1; d=$root/$(printf 'd\\374\\303\\274'); u=$(printf '\\374.tar')\n";
    List<String> command = new ArrayList<>(List.of("sh", "-c", start + script, "sh"));
    command.add(sandbox.root().toString());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("LC_ALL", "C");
    return Commands.run(Lamina.TIMEOUT.multipliedBy(2), builder);
  }

  private void prepare() {
    shell(
            "mkdir -p \"$d/root/etc\"; echo x >\"$d/root/etc/file\"; lamina import \"$d/root\" base:1")
        .succeed();
  }

  @Test
  void archivesAndLayouts() {
    prepare();
    Commands.Result result =
        shell(
            """
            lamina save --format=oci-archive -o "$d/$u" base:1
            lamina push base:1 "oci:$d/layout:1"
            lamina push base:1 "docker-archive:$d/docker-$u:base:1"
            cd "$d"
            for source in "oci-archive:$d/$u" "oci-archive:$u" "$d/$u" "./$u" "../${d##*/}/$u" \\
              "oci:$d/layout" oci:layout:1 "$d/layout" "docker-archive:$d/docker-$u"
            do
              lamina pull "$source" again
            done
            lamina load -i "../${d##*/}/$u"
            """);
    String[] printed = result.succeed().out().split("\n");
    assertEquals(10, printed.length, result.out());
    for (int i = 1; i < 9; i++) {
      assertEquals(printed[0], printed[i]);
    }
    assertEquals("base:1", printed[9]);
  }

  @Test
  void rootFileSystems() {
    prepare();
    shell(
            """
            lamina pull "dir:$d/root" dir
            cd "$d/root"
            lamina pull dir:../root dots
            tar -cf "$d/$u" .
            lamina pull "$d/$u" tar
            lamina export -o "../out-$u" tar
            tar -xOf "$d/out-$u" etc/file
            """)
        .succeed();
    String history = shell("lamina history --no-trunc dir").succeed().out();
    assertTrue(history.contains("lamina import dir:" + sandbox.root()), history);
  }

  /** The image is brought in by another process, into a store that has such a name, too. */
  @Test
  void mountsOfWhatIsNotInTheStore() {
    prepare();
    Commands.Result result =
        shell(
            """
            lamina save --format=oci-archive -o "$d/$u" base:1
            mkdir "$d/merged-$u"
            root=$d
            lamina mount "oci-archive:$d/$u" "$d/merged-$u"
            cat "$d/merged-$u/etc/file"
            lamina umount "$d/merged-$u"
            test -d "$d/store/layers"
            """);
    assertEquals("x", result.succeed().out().strip());
  }

  @Test
  void messagesHaveTheBytes() {
    prepare();
    for (String transport : List.of("oci:", "oci-archive:", "docker-archive:")) {
      Commands.Result result = shell("lamina pull \"" + transport + "$d/none\"");
      String path = sandbox.root() + "/" + DIRECTORY + "/none";
      assertEquals("lamina: there is no " + path + "\n", result.err());
    }
    Commands.Result result = shell("lamina save -o \"$d/no/$u\" base:1");
    String path = sandbox.root() + "/" + DIRECTORY + "/no/\u00fc.tar";
    assertEquals("lamina: cannot create " + path + ": no such file or directory\n", result.err());
  }
}
