package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Daemon;
import dev.lamina.testing.Mounter;
import dev.lamina.testing.Snapshot;
import dev.lamina.testing.Tree;
import dev.lamina.testing.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Requests over io_uring. The other behaviour tests run so as well when they are asked to, by the
 * mounter {@link Mounter#LAMINA_IO_URING}; here is what only rings have.
 */
@Tag("one-jdk")
class RingsTest {
  private static final Path PARAMETER = Path.of("/sys/module/fuse/parameters/enable_uring");
  private static final int MIB = 1 << 20;
  private static final int OPENERS = 200;

  /** As many seconds as no test takes until all wait ({@link Waiting}). */
  private static final int EXTENTS = 200;

  private static final int DESCRIPTORS = 256;
  private static final int SECOND_MICROS = 1_000_000;

  /** More than there are entries of one processor. */
  private static final int RENAMES = 60;

  /** As it was before: it is the whole machine's. */
  private static String parameter;

  @BeforeAll
  static void rememberParameter() throws IOException {
    assumeTrue(Files.exists(PARAMETER), "FUSE over io_uring is in Linux 6.14 and newer");
    parameter = Files.readString(PARAMETER).trim();
  }

  @AfterAll
  static void restoreParameter() throws IOException {
    if (parameter != null) {
      Files.writeString(PARAMETER, parameter);
    }
  }

  private static Union union() {
    return Union.writable(Mounter.LAMINA_IO_URING, 2);
  }

  /** Threads of the mount's daemon whose names begin so. */
  private static long threads(Union union, String name) {
    try (Stream<Path> tasks = Files.list(Daemon.of(union.mountPoint()).proc("task"))) {
      return tasks.filter(task -> read(task.resolve("comm")).startsWith(name)).count();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      // The thread has ended.
      return "";
    }
  }

  @Test
  void onMeansThatThereAreRings() throws IOException {
    try (Union union = union().mount()) {
      assertTrue(threads(union, "ring-") > 0);
      assertTrue(Files.readString(PARAMETER).startsWith("Y"));
      union.merged().write("new", "contents");
      assertEquals("contents", union.upper().read("new"));
    }
  }

  @Test
  void offMeansThatThereAreNone() {
    try (Union union = Union.writable(Mounter.LAMINA_KERNEL, 1).mount()) {
      assertEquals(0, threads(union, "ring-"));
    }
  }

  /** What goes through the payload that a request and its answer share. */
  @Test
  void largeAnswersAndLargeRequests() {
    String large = "0123456789abcdef".repeat(3 * MIB / 16);
    String value = "v".repeat(3000);
    try (Union union = union()) {
      union.lower(0).write("read", large);
      union.lower(1).write("copied", large);
      for (int i = 0; i < 3000; i++) {
        union.lower(1).write("many/a-name-that-takes-some-room-in-an-answer-" + i, "");
      }
      union.mount("passthrough=off");
      Tree merged = union.merged();
      assertEquals(large, merged.read("read"));
      merged.append("copied", large);
      assertEquals(large + large, merged.read("copied"));
      assertEquals(large + large, union.upper().read("copied"));
      assertEquals(3000, merged.list("many").size());
      ok(merged.setxattr("copied", "user.large", value));
      assertEquals(value, merged.xattr("copied", "user.large"));
      ok(merged.symlink("t".repeat(4000), "link"));
      assertEquals("t".repeat(4000), merged.readlink("link"));
    }
  }

  /** The input of an ioctl lies where its answer goes. */
  @Test
  void inodeFlagsAreSetAndRead() {
    try (Union union = union().mount()) {
      union.merged().write("file", "");
      String file = union.mountPoint().resolve("file").toString();
      Commands.run("chattr", "+d", file).succeed();
      assertTrue(Commands.run("lsattr", file).out().split(" ")[0].contains("d"));
      Commands.run("chattr", "-d", file).succeed();
      assertFalse(Commands.run("lsattr", file).out().split(" ")[0].contains("d"));
    }
  }

  /** Many more requests at once than there are rings at first, some of which take long. */
  @Test
  void manyAtOnce() throws InterruptedException, ExecutionException {
    String large = "x".repeat(4 * MIB);
    try (Union union = union()) {
      for (int i = 0; i < 16; i++) {
        union.lower(0).write("large" + i, large);
      }
      union.mount();
      Tree merged = union.merged();
      Map<String, String> before = Snapshot.exact(union.lower(0));
      ExecutorService callers = Executors.newFixedThreadPool(32);
      try {
        List<Future<?>> work = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
          int number = i;
          work.add(callers.submit(() -> change(merged, number)));
        }
        for (Future<?> each : work) {
          each.get();
        }
      } finally {
        callers.shutdownNow();
      }
      Snapshot.assertSame("the lower layer", before, Snapshot.exact(union.lower(0)));
      union.remount();
      for (int i = 0; i < 16; i++) {
        assertEquals(4 * MIB + 2, merged.stat("large" + i).size);
      }
      assertEquals(16 + 32, merged.list("").size());
    }
  }

  private static void change(Tree merged, int number) {
    merged.append("large" + number % 16, "+");
    for (int i = 0; i < 50; i++) {
      String name = "made" + number + "/file" + i;
      merged.write(name, "contents");
      assertEquals("contents", merged.read(name));
      if (i % 2 == 0) {
        ok(merged.unlink(name));
      }
    }
  }

  private static Union withLargeFile() {
    Union union = union();
    CopyDelays.writeLarge(union.lower(1), "large", EXTENTS);
    for (int i = 0; i < OPENERS; i++) {
      union.lower(1).write("others/" + i, "x");
    }
    return union.mount();
  }

  /** A copy takes a second for each extent: it sees in between that it is not wanted any more. */
  private static void duringSlowCopies(Union union, Runnable action) {
    CopyDelays.during(union, action, SECOND_MICROS);
  }

  /** No copy goes on until the action has ended. */
  private static void duringHeldCopies(Union union, Runnable action) {
    CopyDelays.during(union, action, CopyDelays.HELD_MICROS);
  }

  /** Opens the large file for writing by many threads at once, in vain while it is copied. */
  private static List<Thread> openers(Union union, AtomicInteger answered) {
    return openers(OPENERS, union, answered, new AtomicInteger());
  }

  private static List<Thread> openers(
      int count, Union union, AtomicInteger answered, AtomicInteger opened) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Thread thread =
          new Thread(
              () -> {
                int fd = union.merged().open("large", OpenFlags.O_RDWR);
                answered.incrementAndGet();
                if (fd >= 0) {
                  opened.incrementAndGet();
                  Linux.close(fd);
                }
              });
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
    return threads;
  }

  /** Each gets an entry, and has another one stand in for it. */
  private static void awaitParked(Union union, long entries) {
    Waiting.until("all wait", () -> threads(union, "ring-") == entries);
  }

  private static void join(List<Thread> threads) {
    Waiting.until("all have their answer", () -> threads.stream().noneMatch(Thread::isAlive));
  }

  /**
   * No other request comes until all openers wait: those in the kernel's queue are taken because of
   * wakeups.
   */
  @Test
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void whoWaitsForACopyHoldsNoEntry() {
    try (Union union = withLargeFile()) {
      long entries = threads(union, "ring-");
      AtomicInteger answered = new AtomicInteger();
      List<Thread> threads = new ArrayList<>();
      duringHeldCopies(
          union,
          () -> {
            threads.addAll(openers(union, answered));
            awaitParked(union, entries + OPENERS);
            for (int i = 0; i < OPENERS; i++) {
              assertEquals("x", union.merged().read("others/" + i));
            }
            assertEquals(0, answered.get(), "the copy is still being made");
          });
      join(threads);
      assertTrue(union.upper().exists("large"));
    }
  }

  @Test
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void unmountEndsAllWhoWaitForACopy() {
    try (Union union = withLargeFile()) {
      long entries = threads(union, "ring-");
      Daemon daemon = Daemon.of(union.mountPoint());
      duringSlowCopies(
          union,
          () -> {
            List<Thread> threads = openers(union, new AtomicInteger());
            awaitParked(union, entries + OPENERS);
            Commands.run("umount", "-f", "-l", union.mountPoint().toString());
            join(threads);
            daemon.awaitEnd();
          });
      assertFalse(union.upper().exists("large"));
    }
  }

  /**
   * The request of a rename names a directory, of which the kernel cannot be asked for contents.
   * Each has a file of its own, since the kernel has one rename of a file under way at a time.
   */
  @Test
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void renamesThatWaitForCopiesHoldNoEntry() {
    try (Union union = union()) {
      for (int i = 0; i < RENAMES; i++) {
        CopyDelays.writeLarge(union.lower(), "d" + i + "/large", EXTENTS);
      }
      union.mount();
      long entries = threads(union, "ring-");
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < RENAMES; i++) {
        String directory = "d" + i;
        threads.add(
            new Thread(() -> union.merged().rename(directory + "/large", directory + "/renamed")));
      }
      Daemon daemon = Daemon.of(union.mountPoint());
      duringSlowCopies(
          union,
          () -> {
            for (Thread thread : threads) {
              thread.setDaemon(true);
              thread.start();
            }
            awaitParked(union, entries + RENAMES);
            Commands.run("umount", "-f", "-l", union.mountPoint().toString());
            join(threads);
            daemon.awaitEnd();
          });
    }
  }

  /** The kernel then tells of no signal at all. */
  @Test
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void whoIsKilledAfterAnotherSignalDoesNotWaitForTheCopy() {
    String script =
        """
        import os, signal, sys
        signal.signal(signal.SIGALRM, lambda number, frame: None)
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        os.open(sys.argv[1], os.O_WRONLY)
        """;
    try (Union union = withLargeFile()) {
      long entries = threads(union, "ring-");
      duringSlowCopies(
          union,
          () -> {
            Process opener = start("python3", "-c", script, union.mountPoint() + "/large");
            awaitParked(union, entries + 1);
            opener.destroyForcibly();
            Waiting.untilEnd("the opener", opener);
            assertFalse(union.upper().exists("large"), "the copy has ended before");
          });
    }
  }

  private static Process start(String... command) {
    try {
      return new ProcessBuilder(command).inheritIO().start();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Mounts by a program that starts another one in another way. */
  private static void mountBy(Union union, String... starter) {
    List<String> command = new ArrayList<>(List.of(starter));
    command.addAll(Mounter.LAMINA_IO_URING.command());
    command.addAll(List.of("-o", union.layers().options(), union.mountPoint().toString()));
    union.unmount();
    Commands.run(command.toArray(String[]::new)).succeed();
  }

  /** The wakeup has to reach the queue of these requests. */
  @Test
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void whoWaitsIsStoodInForOnProcessorsThatTheDaemonKeepsOff() {
    assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "there is one processor only");
    String script =
        """
        import os, sys, threading
        def opens():
            os.open(sys.argv[1], os.O_WRONLY)
        threads = [threading.Thread(target=opens, daemon=True) for i in range(int(sys.argv[2]))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        """;
    int openers = 60;
    try (Union union = withLargeFile()) {
      mountBy(union, "taskset", "-c", "0");
      long entries = threads(union, "ring-");
      Daemon daemon = Daemon.of(union.mountPoint());
      duringSlowCopies(
          union,
          () -> {
            String file = union.mountPoint() + "/large";
            Process process =
                start("taskset", "-c", "1", "python3", "-c", script, file, "" + openers);
            awaitParked(union, entries + openers);
            process.destroyForcibly();
            Waiting.untilEnd("the openers", process);
            Commands.run("umount", "-f", "-l", union.mountPoint().toString());
            daemon.awaitEnd();
          });
    }
  }

  @Test
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void thoseThatStandInLeaveDescriptorsForFiles() {
    // All have the file open at once in the end, which takes as many descriptors.
    int openers = 90;
    try (Union union = withLargeFile()) {
      mountBy(union, "prlimit", "--nofile=" + DESCRIPTORS + ":" + DESCRIPTORS);
      long entries = threads(union, "ring-");
      AtomicInteger opened = new AtomicInteger();
      List<Thread> threads = new ArrayList<>();
      duringHeldCopies(
          union,
          () -> {
            threads.addAll(openers(openers, union, new AtomicInteger(), opened));
            // A quarter of those that are left.
            awaitParked(union, entries + (DESCRIPTORS - entries) / 4);
          });
      join(threads);
      assertEquals(openers, opened.get());
      assertEquals(OPENERS, union.merged().list("others").size());
      assertEquals("x", union.merged().read("others/1"));
    }
  }

  @Test
  void aKilledDaemonLeavesErrorsNotHangs() {
    try (Union union = union().mount()) {
      int open = ok(union.merged().open("new", OpenFlags.O_CREAT | OpenFlags.O_RDWR, 0644));
      Daemon daemon = Daemon.of(union.mountPoint());
      daemon.signal("KILL");
      daemon.awaitEnd();
      Waiting.until("the kernel has taken the rings down", () -> isNotConnected(union));
      // The close is answered by nobody, and ends all the same.
      Linux.close(open);
      union.unmount();
      union.mount();
      assertTrue(union.merged().exists("new"));
    }
  }

  /** Until then every call fails all the same, see {@link RandomWriter#isOfDeadMount}. */
  private static boolean isNotConnected(Union union) {
    int result = union.merged().mkdir("after", 0755);
    assertTrue(RandomWriter.isOfDeadMount(result), "mkdir returned " + result);
    return result == -Errno.ENOTCONN;
  }
}
