package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Daemon;
import dev.lamina.testing.Tree;
import dev.lamina.testing.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A copy-up that takes long, because strace delays the system calls that copy, is in nobody's way
 * but of those who need it, and of them only as long as they live.
 */
@LaminaOnly("delays system calls of the daemon")
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LongCopyUpTest extends UnionTest {
  /** Each takes a system call to copy. */
  private static final int EXTENTS = 40;

  private static final int DELAY_MICROS = 500_000;
  private static final long LONG_SECONDS = 100;
  private static final int OPENERS = 200;
  private static final int OTHERS = 100;

  /** With a handler that returns, so that a signal interrupts what can be interrupted. */
  private static final String OPENER =
      "use Fcntl; $SIG{URG} = sub {}; sysopen(F, $ARGV[0], O_RDWR) or die $!; print \"opened\\n\"";

  private Union union;

  private Union filled() {
    union = Union.writable(mounter, 1);
    Tree lower = union.lower();
    for (String name : List.of("large", "other")) {
      CopyDelays.writeLarge(lower, "d/" + name, EXTENTS);
    }
    for (int i = 0; i < OTHERS; i++) {
      lower.write("others/" + i, "x");
    }
    return union.mount();
  }

  private List<String> inWork() {
    return union.work().list("work").stream().filter(name -> name.startsWith("#")).toList();
  }

  private void awaitCopying() {
    Waiting.until("a copy-up is under way", () -> !inWork().isEmpty());
  }

  private void assertNothingLeft() {
    Waiting.until("nothing is left in the work directory", () -> inWork().isEmpty());
    assertFalse(union.upper().exists("d/large"));
  }

  private Process opener() {
    try {
      String path = union.mountPoint().resolve("d/large").toString();
      return new ProcessBuilder("perl", "-e", OPENER, path).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean hasEnded(Process process) {
    try {
      return process.waitFor(LONG_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static void signal(Process process, String name) {
    Commands.run("kill", "-" + name, Long.toString(process.pid())).succeed();
  }

  private static long calls(Path trace) throws IOException {
    try (var lines = Files.lines(trace)) {
      return lines.filter(line -> line.contains("copy_file_range(")).count();
    }
  }

  @Test
  void killedOpenerEndsAndItsCopyWithIt() throws Exception {
    try (Union closing = filled()) {
      Path trace = CopyDelays.trace(closing);
      CopyDelays.during(
          closing,
          () -> {
            Process opener = opener();
            awaitCopying();
            // The kernel tells of the first signal only.
            signal(opener, "URG");
            signal(opener, "KILL");
            assertTrue(hasEnded(opener));
            assertNothingLeft();
          },
          DELAY_MICROS);
      assertTrue(calls(trace) < EXTENTS, "the copy was not made to its end");
      ok(Linux.close(ok(closing.merged().open("d/large", OpenFlags.O_RDWR))));
    }
  }

  @Test
  void signalThatDoesNotKillIsNotSeen() throws Exception {
    try (Union closing = filled()) {
      Process[] opener = new Process[1];
      CopyDelays.during(
          closing,
          () -> {
            opener[0] = opener();
            awaitCopying();
            for (int i = 0; i < 5; i++) {
              signal(opener[0], "URG");
            }
            assertTrue(hasEnded(opener[0]));
          },
          DELAY_MICROS / 5);
      String output = new String(opener[0].getInputStream().readAllBytes());
      assertEquals("opened\n", output);
      assertTrue(closing.upper().exists("d/large"));
    }
  }

  @Test
  void oneOfTwoOpenersIsKilledAndTheOtherGetsTheFile() throws Exception {
    try (Union closing = filled()) {
      Process[] survivor = new Process[1];
      CopyDelays.during(
          closing,
          () -> {
            Process killed = opener();
            awaitCopying();
            survivor[0] = opener();
            signal(killed, "KILL");
            assertTrue(hasEnded(killed));
            assertTrue(hasEnded(survivor[0]));
          },
          DELAY_MICROS / 5);
      assertEquals("opened\n", new String(survivor[0].getInputStream().readAllBytes()));
    }
  }

  /** Opens the file at once by many threads. */
  private List<Thread> openers(int count, IntConsumer result) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Thread thread =
          new Thread(
              () -> {
                int fd = union.merged().open("d/large", OpenFlags.O_RDWR);
                result.accept(Math.min(0, fd));
                if (fd >= 0) {
                  Linux.close(fd);
                }
              });
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
    return threads;
  }

  private static void join(List<Thread> threads) {
    Waiting.until("all have their answer", () -> threads.stream().noneMatch(Thread::isAlive));
  }

  @Test
  void manyOpenersKeepNobodyElseWaiting() {
    try (Union closing = filled()) {
      AtomicInteger opened = new AtomicInteger();
      AtomicInteger failed = new AtomicInteger();
      List<Thread> threads = new ArrayList<>();
      CopyDelays.during(
          closing,
          () -> {
            threads.addAll(openers(OPENERS, fd -> (fd < 0 ? failed : opened).incrementAndGet()));
            awaitCopying();
            for (int i = 0; i < OTHERS; i++) {
              assertEquals(1, closing.merged().stat("others/" + i).size);
              assertEquals("x", closing.merged().read("others/" + i));
            }
            assertEquals(0, opened.get() + failed.get(), "the copy is still being made");
          },
          CopyDelays.HELD_MICROS);
      join(threads);
      assertEquals(OPENERS, opened.get());
      assertEquals(List.of(), inWork());
    }
  }

  @Test
  void errorOfTheCopyReachesAllWhoWait() throws Exception {
    try (Union closing = filled()) {
      Path trace = CopyDelays.trace(closing);
      List<Integer> results = Collections.synchronizedList(new ArrayList<>());
      CopyDelays.during(
          closing,
          () -> {
            join(openers(8, results::add));
            assertNothingLeft();
          },
          "error=" + Errno.EIO + ":delay_enter=" + 4 * DELAY_MICROS);
      assertEquals(Collections.nCopies(8, -Errno.EIO), results);
      assertTrue(calls(trace) < 8, "they waited for one copy");
      ok(Linux.close(ok(closing.merged().open("d/large", OpenFlags.O_RDWR))));
    }
  }

  @Test
  void unmountInTheMidstLeavesNothing() {
    try (Union closing = filled()) {
      Daemon daemon = Daemon.of(closing.mountPoint());
      CopyDelays.during(
          closing,
          () -> {
            List<Thread> threads = openers(3, result -> {});
            awaitCopying();
            Commands.run("umount", "-f", "-l", closing.mountPoint().toString());
            join(threads);
            daemon.awaitEnd();
          },
          DELAY_MICROS);
      assertNothingLeft();
    }
  }
}
