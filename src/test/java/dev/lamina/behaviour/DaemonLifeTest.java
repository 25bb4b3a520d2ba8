package dev.lamina.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.testing.Commands;
import dev.lamina.testing.Daemon;
import dev.lamina.testing.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the serving process begins and ends. */
@Tag("slow")
@LaminaOnly("kernel overlayfs has no daemon")
class DaemonLifeTest extends UnionTest {
  private Union layers() {
    Union union = Union.writable(mounter, 1);
    union.lower().write("file", "lower");
    return union;
  }

  private Process foreground(Union union) throws IOException {
    List<String> command = inForeground(union, union.mountPoint());
    Process process = new ProcessBuilder(command).inheritIO().start();
    Waiting.until("mounted", () -> Lamina.isMounted(union.mountPoint()));
    assertEquals("lower", union.merged().read("file"));
    return process;
  }

  /** A process in the mount, until it is killed or this one has ended. */
  private static Process user(Union union) throws IOException {
    return new ProcessBuilder("cat").directory(union.mountPoint().toFile()).start();
  }

  private static void assertEndsWell(Process process, Union union) {
    assertEquals(0, Waiting.untilEnd("the daemon", process));
    assertFalse(Lamina.isMounted(union.mountPoint()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void signalUnmountsAndEnds(String signal) throws Exception {
    try (Union union = layers()) {
      Process process = foreground(union);
      try {
        union.merged().write("new", "new");
        Daemon.of(union.mountPoint()).signal(signal);
        assertEndsWell(process, union);
        assertEquals("new", union.upper().read("new"));
      } finally {
        Commands.kill(process);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void signalEndsABusyMount(String signal) throws Exception {
    try (Union union = layers()) {
      Process process = foreground(union);
      Process user = user(union);
      try {
        Daemon.of(union.mountPoint()).signal(signal);
        assertEndsWell(process, union);
        assertTrue(user.isAlive());
      } finally {
        Commands.kill(user);
        Commands.kill(process);
      }
    }
  }

  @Test
  void foregroundStaysUntilUnmounted() throws Exception {
    try (Union union = layers()) {
      Process process = foreground(union);
      try {
        assertFalse(process.waitFor(1, TimeUnit.SECONDS), "it stays");
        Commands.run("umount", union.mountPoint().toString()).succeed();
        assertEndsWell(process, union);
      } finally {
        Commands.kill(process);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"umount", "fusermount -u", "umount -l", "lamina umount"})
  void unmountEndsTheDaemon(String program) {
    try (Union union = layers().mount()) {
      Daemon daemon = Daemon.of(union.mountPoint());
      String command = program.replace("lamina", Lamina.program()) + " \"$0\"";
      Commands.run(Lamina.TIMEOUT, "sh", "-c", command, union.mountPoint().toString()).succeed();
      assertFalse(Lamina.isMounted(union.mountPoint()));
      daemon.awaitEnd();
    }
  }

  @Test
  void signalToTheBackgroundDaemonUnmounts() {
    try (Union union = layers().mount()) {
      Daemon daemon = Daemon.of(union.mountPoint());
      daemon.signal("TERM");
      daemon.awaitEnd();
      assertFalse(Lamina.isMounted(union.mountPoint()));
    }
  }

  @Test
  void daemonHasASessionOfItsOwn() {
    try (Union union = layers().mount()) {
      String pid = "" + Daemon.of(union.mountPoint()).pid();
      String session = Commands.run("ps", "-o", "sid=", "-p", pid).succeed().out().strip();
      String own = "" + ProcessHandle.current().pid();
      String ours = Commands.run("ps", "-o", "sid=", "-p", own).succeed().out().strip();
      assertNotEquals(ours, session, "a hangup of the terminal must not reach it");
    }
  }

  /** {@link Commands} fails when a pipe stays open after the program has ended. */
  @Test
  void callersPipesAreLetGo() {
    try (Union union = layers()) {
      List<String> command =
          Lamina.mountCommand(mounter, "-o", union.layers().options(), "" + union.mountPoint());
      Commands.Result result =
          Commands.run(Lamina.TIMEOUT, command.toArray(String[]::new)).succeed();
      assertEquals("", result.out() + result.err());
      assertEquals("lower", union.merged().read("file"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"<&-", "<&- >&- 2>&-", "9</dev/zero"})
  void closedOrStrayDescriptorsDoNoHarm(String redirection) {
    try (Union union = layers()) {
      List<String> command =
          Lamina.mountCommand(mounter, "-o", union.layers().options(), "" + union.mountPoint());
      String script = "exec " + String.join(" ", command) + " " + redirection;
      Commands.run(Lamina.TIMEOUT, "sh", "-c", script).succeed();
      assertEquals("lower", union.merged().read("file"));
      union.merged().write("new", "new");
      Daemon daemon = Daemon.of(union.mountPoint());
      assertFalse(daemon.descriptors().contains("/dev/zero"), "" + daemon.descriptors());
    }
  }

  /** Containers are cleaned up after a daemon that was killed. */
  @Test
  void killedDaemonLeavesAMountThatCanBeUnmounted() {
    try (Union union = layers().mount()) {
      union.merged().write("new", "new");
      Daemon daemon = Daemon.of(union.mountPoint());
      daemon.signal("KILL");
      daemon.awaitEnd();
      Commands.run("umount", "-l", union.mountPoint().toString()).succeed();
      Waiting.until("unmounted", () -> !Lamina.isMounted(union.mountPoint()));
      union.mount();
      assertEquals("new", union.merged().read("new"));
    }
  }

  @Test
  void signalDuringStartUpLeavesNothing() throws Exception {
    // Parts of what a start takes now: a busy machine has the same moments, later.
    long whole = millisOfAStart();
    for (int sixth = 1; sixth <= 10; sixth++) {
      long delay = whole * sixth / 6;
      try (Union union = layers()) {
        Process process = new ProcessBuilder(inForeground(union, union.mountPoint())).start();
        try {
          Thread.sleep(delay);
          process.destroy();
          Waiting.untilEnd("the daemon", process);
          assertFalse(Lamina.isMounted(union.mountPoint()), "after " + delay + " ms");
        } finally {
          Commands.kill(process);
        }
      }
    }
  }

  private long millisOfAStart() throws IOException {
    try (Union union = layers()) {
      long begin = System.nanoTime();
      Process process = foreground(union);
      long millis = (System.nanoTime() - begin) / 1_000_000;
      process.destroy();
      Waiting.untilEnd("the daemon", process);
      return millis;
    }
  }

  @Test
  void detachedDaemonLeavesALaterMountAlone() throws Exception {
    try (Union first = layers();
        Union second = layers()) {
      Process process = foreground(first);
      Process user = user(first);
      try {
        Lamina.run("umount", "-l", "" + first.mountPoint()).succeed();
        Lamina.mount(mounter, "-o", second.layers().options(), "" + first.mountPoint()).succeed();
        process.destroy();
        Waiting.untilEnd("the daemon", process);
        assertTrue(Lamina.isMounted(first.mountPoint()));
        Lamina.run("umount", "" + first.mountPoint()).succeed();
      } finally {
        Commands.kill(user);
        Commands.kill(process);
      }
    }
  }

  @Test
  void linkToAMountPointUnmountsIt() throws Exception {
    try (Union union = layers()) {
      Path link = union.sandbox().root().resolve("link");
      Files.createSymbolicLink(link, union.mountPoint());
      Lamina.mount(mounter, "-o", union.layers().options(), "" + link).succeed();
      assertTrue(Lamina.isMounted(union.mountPoint()));
      Lamina.run("umount", "" + link).succeed();
      assertFalse(Lamina.isMounted(union.mountPoint()));
    }
  }

  @Test
  void carriageReturnInAMountPointDoesNoHarm() {
    try (Union union = layers()) {
      Path point = union.sandbox().directory("carriage\rreturn");
      Lamina.mount(mounter, "-o", union.layers().options(), "" + point).succeed();
      assertTrue(Lamina.isMounted(point));
      Lamina.run("umount", "" + point).succeed();
      assertFalse(Lamina.isMounted(point));
    }
  }

  private List<String> inForeground(Union union, Path mountPoint) {
    return Lamina.mountCommand(
        mounter, "-f", "-o", union.layers().options(), mountPoint.toString());
  }
}
