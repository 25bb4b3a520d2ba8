package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.Linux;
import dev.lamina.sys.Mounts;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Daemon;
import dev.lamina.testing.Mounter;
import dev.lamina.testing.Tree;
import dev.lamina.testing.Waiting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Tests calls as of fuse-overlayfs, hints in messages, mounts whose daemon has ended, and the log.
 */
@Tag("one-jdk")
@LaminaOnly("tests the command line of Lamina")
class CommandLineTest extends UnionTest {
  private static String oneLine(Commands.Result result, int status) {
    assertEquals(status, result.status(), result.err());
    assertEquals("", result.out());
    assertTrue(result.err().matches("lamina: [^\n]+\n"), "'" + result.err() + "'");
    return result.err();
  }

  @Test
  void mountsWithoutACommandAsFuseOverlayfsDoes() {
    for (boolean pathFirst : new boolean[] {false, true}) {
      try (Union union = Union.writable(mounter, 1)) {
        String point = union.mountPoint().toString();
        String options = union.layers().options();
        Commands.Result result =
            pathFirst
                ? Lamina.run(point, "-o", options)
                : Lamina.run("--log-file=/dev/null", "-o" + options, point);
        assertEquals("", result.succeed().out() + result.err());
        union.merged().write("new", "new");
        union.unmount();
        assertEquals("new", union.upper().read("new"));
      }
    }
  }

  /**
   * mount(8) and podman pass options of fuse-overlayfs. Unknown ones are named on standard error.
   */
  @Test
  void takesWhatFuseOverlayfsTakes() throws IOException {
    try (Union union = Union.writable(mounter, 1)) {
      String point = union.mountPoint().toString();
      Commands.Result result =
          Lamina.run(
              "a source",
              point,
              mounter.command().get(2),
              "-s",
              "-o",
              "rw,dev,,fast_ino=1,writeback=0,xattr_permissions=0,plugins=,timeout=0,fsync=0",
              "-o",
              union.layers().options()
                  + ",context=\"system_u:object_r:container_file_t:s0:c1,c2\",static_nlink,x-mine=1,");
      assertEquals("lamina: unknown mount option ignored: x-mine=1\n", result.succeed().err());
      String table = Files.readString(Path.of("/proc/self/mounts"));
      assertTrue(table.contains("a\\040source " + point + " fuse.lamina rw"), table);
      union.merged().write("new", "new");
      union.unmount();
      assertEquals("new", union.upper().read("new"));
      // With the command mount, an unknown option is an error.
      String options = union.layers().options() + ",x-mine=1";
      String said = oneLine(Lamina.mount(mounter, "-o", options, point), 2);
      assertTrue(said.contains("unknown mount option: x-mine=1"), said);
      said = oneLine(Lamina.run("-o", union.layers().options() + ",squash_to_root", point), 2);
      assertTrue(said.contains("does not support the mount option: squash_to_root"), said);
      assertFalse(Lamina.isMounted(union.mountPoint()));
    }
  }

  @Test
  void allowRootKeepsOthersOut() {
    try (Union union = Union.writable(mounter, 1)) {
      union.lower().write("file", "lower");
      union.mount("allow_root");
      assertEquals("lower", union.merged().read("file"));
      String file = union.merged().string("file");
      String[] other = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "cat", file};
      assertEquals(1, Commands.run(other).status());
      union.unmount();
      union.mount("allow_root", "allow_other");
      assertEquals("lower", Commands.run(other).succeed().out());
    }
  }

  /** Over libfuse the kernel never checks them. */
  @Test
  void noaclLeavesTheModeAlone() {
    try (Union union = Union.writable(mounter, 1)) {
      union.lower().write("file", "lower");
      Commands.run("setfacl", "-m", "u:65534:r", union.lower().string("file")).succeed();
      ok(union.lower().chmod("file", 0640));
      String file = union.merged().string("file");
      String[] other = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "cat", file};
      union.mount();
      boolean checks = mounter == Mounter.LAMINA_KERNEL;
      assertEquals(checks ? 0 : 1, Commands.run(other).status());
      union.unmount();
      union.mount("noacl");
      assertEquals(1, Commands.run(other).status());
      assertEquals(checks ? 1 : 0, Commands.run("setfacl", "-m", "u:1:r", file).status());
      union.merged().write("new", "new");
    }
  }

  @Test
  void staysInTheForegroundWithoutACommandToo() throws Exception {
    try (Union union = Union.writable(mounter, 1)) {
      Process process =
          new ProcessBuilder(
                  Lamina.program(), "-f", "-o", union.layers().options(), "" + union.mountPoint())
              .inheritIO()
              .start();
      try {
        Waiting.until("mounted", () -> Lamina.isMounted(union.mountPoint()));
        union.merged().write("new", "new");
        assertTrue(process.isAlive());
        union.unmount();
        assertEquals(0, Waiting.untilEnd("the daemon", process));
      } finally {
        Commands.kill(process);
      }
    }
  }

  @Test
  void hintNamesTheCommand() {
    assertTrue(oneLine(Lamina.run("mount", "-x"), 2).contains("lamina mount --help"));
    assertTrue(oneLine(Lamina.run("-x"), 2).contains("lamina mount --help"));
    assertTrue(oneLine(Lamina.run("umount"), 2).contains("lamina umount --help"));
    assertTrue(oneLine(Lamina.run("nonsense"), 2).contains("lamina --help"));
  }

  @Test
  void deadMountIsNamedAndUnmounted() {
    try (Union union = Union.writable(mounter, 1)) {
      union.mount();
      union.merged().write("new", "new");
      Daemon daemon = Daemon.of(union.mountPoint());
      daemon.signal("KILL");
      daemon.awaitEnd();
      String point = union.mountPoint().toString();
      String said = oneLine(Lamina.mount(mounter, "-o", union.layers().options(), point), 1);
      assertTrue(said.contains("lamina umount " + point), said);
      Commands.Result result = Lamina.run("umount", point).succeed();
      assertEquals("", result.out() + result.err());
      assertFalse(Lamina.isMounted(union.mountPoint()));
      union.mount();
      assertEquals("new", union.merged().read("new"));
      said = oneLine(Lamina.mount(mounter, "-o", union.layers().options(), point), 1);
      assertTrue(said.contains("mounted there already"), said);
    }
  }

  /** The launcher ends, whether or not the mount has served, and prints a message if it fails. */
  @Test
  void unmountBeforeTheMountServesIsSaid() throws InterruptedException {
    try (Union union = Union.writable(mounter, 1)) {
      byte[] point = Tree.bytes(union.mountPoint().toString());
      AtomicBoolean failed = new AtomicBoolean();
      Thread other =
          new Thread(
              () -> {
                while (!failed.get() && Mounts.umount2(point, Mounts.MNT_DETACH) < 0) {
                  Thread.onSpinWait();
                }
              });
      other.setDaemon(true);
      other.start();
      Commands.Result result =
          Lamina.mount(mounter, "-o", union.layers().options(), "" + union.mountPoint());
      if (result.status() != 0) {
        failed.set(true);
        oneLine(result, 1);
      }
      // If the mount still serves, the other thread has not run yet.
      Waiting.untilEnd("unmounting", other);
      assertFalse(Lamina.isMounted(union.mountPoint()));
    }
  }

  @Test
  void logIsForReaders() throws IOException {
    try (Union union = Union.writable(mounter, 1)) {
      Path log = union.sandbox().root().resolve("log");
      Lamina.mount(
              mounter,
              "-d",
              "--log-file=" + log,
              "-o",
              // Without passthrough the daemon does the writing.
              union.layers().options() + ",passthrough=off",
              "" + union.mountPoint())
          .succeed();
      Tree merged = union.merged();
      ok(merged.mkdir("made", 0750));
      merged.write("file", "contents");
      ok(Linux.close(ok(merged.open("file", OpenFlags.O_RDWR | OpenFlags.O_APPEND))));
      assertEquals("contents", merged.read("file"));
      ok(merged.chmod("file", 0600));
      union.unmount();
      List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
      for (String words :
          List.of(
              "mkdir .* \"made\" mode (40)?750 .*",
              "open .* nodeid \\d+ O_RDWR\\|O_APPEND.*",
              "open .* O_RDONLY.*",
              "write .* nodeid \\d+ handle \\d+ offset 0 size 8 = 8 .*",
              "setattr .* to mode (100)?600 .*")) {
        assertTrue(
            lines.stream().anyMatch(line -> line.matches(".* " + words)), words + " in " + lines);
      }
    }
  }
}
