package dev.lamina.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.FileSystemStat;
import dev.lamina.testing.Commands;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tests what {@code lamina} prints, its exit status, and how other programs call it. */
@Tag("one-jdk")
@LaminaOnly("tests the command line of Lamina")
class CliTest extends UnionTest {
  private static void assertOneLine(String text) {
    assertTrue(text.endsWith("\n") && text.indexOf('\n') == text.length() - 1, "'" + text + "'");
    assertTrue(text.length() > 1, "an empty line");
  }

  @Test
  void versionIsOneLine() {
    Commands.Result result = Lamina.run("--version").succeed();
    assertOneLine(result.out());
    assertTrue(result.out().matches("(?s).*\\d+\\.\\d+.*"), result.out());
    assertEquals("", result.err());
  }

  @Test
  void helpNamesTheCommands() {
    Commands.Result result = Lamina.run("--help").succeed();
    assertTrue(result.out().contains("mount") && result.out().contains("umount"), result.out());
    assertEquals("", result.err());
    assertTrue(Lamina.run("mount", "--help").succeed().out().contains("MOUNTPOINT"));
  }

  @Test
  void unknownArgumentsAreUsageErrors() {
    for (List<String> arguments :
        List.of(
            List.of("--nonsense"),
            List.of("nonsense"),
            List.of("mount", "--nonsense"),
            List.of("mount"),
            List.of("mount", "--transport=nonsense", "/nowhere"),
            List.of("umount"))) {
      Commands.Result result = Lamina.run(arguments.toArray(String[]::new));
      assertEquals(2, result.status(), arguments + result.err());
      assertOneLine(result.err());
      assertEquals("", result.out());
    }
  }

  @Test
  void unknownMountOptionIsRefused() {
    try (Union union = Union.writable(mounter, 1)) {
      String options = union.layers().options() + ",nonsense=1";
      Commands.Result result = Lamina.mount(mounter, "-o", options, "" + union.mountPoint());
      assertEquals(2, result.status(), result.err());
      assertOneLine(result.err());
      assertTrue(result.err().contains("nonsense"), result.err());
      assertFalse(Lamina.isMounted(union.mountPoint()));
    }
  }

  /** Container tools compare what a mount program prints. */
  @Test
  void knownMountFlagsAreAcceptedSilently() {
    try (Union union = Union.writable(mounter, 1)) {
      String flags = ",rw,dev,suid,exec,noatime,nodiratime,relatime,async,auto,nouser,_netdev";
      Commands.Result result =
          Lamina.mount(mounter, "-o", union.layers().options() + flags, "" + union.mountPoint());
      assertEquals("", result.succeed().out() + result.err());
      union.merged().write("file", "written");
      union.unmount();
      flags = ",nodev,nosuid,noexec,ro,volatile,private";
      result =
          Lamina.mount(mounter, "-o", union.layers().options() + flags, "" + union.mountPoint());
      assertEquals("", result.succeed().out() + result.err());
      assertEquals("written", union.merged().read("file"));
    }
  }

  /** If these options of fuse-overlayfs were ignored, files would have wrong owners. */
  @Test
  void optionsThatChangeOwnersAreRefused() {
    for (String option :
        List.of(
            "uidmapping=0:1000:1", "gidmapping=0:1:1", "squash_to_uid=1", "xattr_permissions=2")) {
      Commands.Result result = Lamina.run("mount", "-o", "lowerdir=/," + option, "/nowhere");
      assertEquals(2, result.status());
      assertOneLine(result.err());
      assertTrue(result.err().contains(option.substring(0, option.indexOf('='))), result.err());
    }
  }

  /**
   * Podman and buildah call without a subcommand, with layers through symbolic links, with empty
   * options and in a working directory of their own.
   */
  @Test
  void argumentsOfAMountProgram() throws IOException {
    try (Union union = Union.writable(mounter, 2)) {
      union.lower(0).write("top", "top");
      union.lower(1).write("bottom", "bottom");
      Path links = union.sandbox().directory("l");
      List<String> lowers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        Path link = links.resolve("LINK" + i);
        Files.createSymbolicLink(link, Path.of("../l" + i));
        lowers.add(link.toString());
      }
      String options =
          "lowerdir="
              + String.join(":", lowers)
              + ",upperdir="
              + union.layers().upper()
              + ",workdir="
              + union.layers().work()
              + ",,volatile,";
      ProcessBuilder builder =
          new ProcessBuilder(Lamina.program(), "-o", options, union.mountPoint().toString())
              .directory(union.sandbox().root().toFile());
      Commands.Result result = Commands.run(Lamina.TIMEOUT, builder).succeed();
      assertEquals("", result.out() + result.err());
      assertEquals(FileSystemStat.FUSE_MAGIC, union.merged().statfs("").type);
      assertEquals(List.of("bottom", "top"), union.merged().list(""));
      union.merged().write("new", "new");
      Commands.run("umount", union.mountPoint().toString()).succeed();
      assertEquals("new", union.upper().read("new"));
    }
  }

  /** Podman's cleanup process passes on only PATH and HOME. */
  @Test
  void worksInAnEmptyEnvironment() {
    try (Union union = Union.writable(mounter, 1)) {
      List<String> command =
          new ArrayList<>(List.of("env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/"));
      String options = union.layers().options();
      command.addAll(Lamina.mountCommand(mounter, "-o", options, "" + union.mountPoint()));
      Commands.run(Lamina.TIMEOUT, command.toArray(String[]::new)).succeed();
      assertTrue(Lamina.isMounted(union.mountPoint()));
    }
  }

  @Test
  void debugLogHasALineForEachOperation() throws IOException {
    try (Union union = Union.writable(mounter, 1)) {
      Path log = union.sandbox().root().resolve("log");
      String options = union.layers().options();
      Commands.Result result =
          Lamina.mount(
              mounter,
              "--debug",
              "--log-file",
              log.toString(),
              "-o",
              options,
              "" + union.mountPoint());
      assertEquals("", result.succeed().out() + result.err());
      union.merged().write("written", "x");
      union.merged().mkdir("made", 0755);
      union.merged().write("two\nlines", "x");
      union.merged().unlink("written");
      union.unmount();
      List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
      for (String words : List.of("lookup made", "mkdir made", "unlink written")) {
        String[] word = words.split(" ");
        assertTrue(
            lines.stream().anyMatch(l -> l.toLowerCase().contains(word[0]) && l.contains(word[1])),
            words + " in " + lines);
      }
      assertFalse(lines.stream().anyMatch(l -> l.startsWith("lines")), "a name breaks no line");
      assertTrue(lines.stream().allMatch(l -> l.chars().noneMatch(Character::isISOControl)));
    }
  }

  @Test
  void unmountingWhatIsNotMountedFails() {
    try (Union union = Union.writable(mounter, 1)) {
      Commands.Result result = Lamina.run("umount", union.mountPoint().toString());
      assertEquals(1, result.status(), result.err());
      assertOneLine(result.err());
      result = Lamina.run("umount", union.mountPoint() + "/none");
      assertEquals(1, result.status(), result.err());
      assertOneLine(result.err());
    }
  }
}
