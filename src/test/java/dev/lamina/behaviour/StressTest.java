package dev.lamina.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.testing.Commands;
import dev.lamina.testing.Daemon;
import dev.lamina.testing.Snapshot;
import dev.lamina.testing.Tree;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Four processes at work at once: no error, no hang, and nothing is kept afterwards. */
@Tag("slow")
class StressTest extends UnionTest {
  private static final int ROUNDS = Boolean.getBoolean("lamina.test.all") ? 130 : 25;
  private static final int WARM_UP_ROUNDS = 12;

  /** Memory may grow to this factor of what it was after the first rounds of the same work. */
  private static final double MEMORY_FACTOR = 2;

  private static final Duration TIMEOUT = Duration.ofMinutes(8);

  /**
   * One worker, given the mount, its number and how many rounds. What it does to files of its own
   * must succeed; in the directory that all share, names come and go under its hands.
   */
  private static final String WORKER =
      """
      set -eu
      cd "$1"
      number=$2
      RANDOM=$number
      for ((round = 0; round < $3; round++)); do
        mkdir "own$number"
        cp -a "tree$number" "own$number/copy"
        diff -r "tree$number" "own$number/copy"
        mv "own$number/copy/d3" "own$number/moved"
        mv "own$number/moved/f1" "own$number/copy/d4/f1"
        ln "own$number/copy/d1/f1" "own$number/link"
        echo changed >> "own$number/link"
        cmp "own$number/link" "own$number/copy/d1/f1"
        ln -s nowhere "own$number/symlink"
        chmod -R go-rwx "own$number"
        find "own$number" -type f -exec cat {} + > "/dev/null"
        tar -C "own$number" -cf - . | tar -tf - > "/dev/null"
        truncate -s 100 "own$number/link"
        test "$(stat -c %s "own$number/copy/d1/f1")" = 100
        rm -r "own$number"

        file="tree$number/d$((RANDOM % 10))/f$((RANDOM % 10))"
        echo $RANDOM >> "$file"
        cp "$file" "tree$number/new"
        cmp "$file" "tree$number/new"
        mv "tree$number/new" "$file"
        chmod 640 "$file"
        mv "tree$number/d5" "tree$number/other"
        mv "tree$number/other" "tree$number/d5"

        a="shared/f$((RANDOM % 10))"
        b="shared/f$((RANDOM % 10))"
        case $((RANDOM % 6)) in
          0) echo $RANDOM > "$a" ;;
          1) mv "$a" "$b" 2> "/dev/null" || true ;;
          2) rm -f "$a" ;;
          3) ln "$a" "$b" 2> "/dev/null" || true ;;
          4) cat "$a" > "/dev/null" 2>&1 || true ;;
          5) ls -lR shared > "/dev/null" 2>&1 || true ;;
        esac
      done
      """;

  private static void work(Union union, int rounds) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Commands.Result>> workers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        String number = "" + i;
        workers.add(
            () ->
                Commands.run(
                    TIMEOUT,
                    "bash",
                    "-c",
                    WORKER,
                    "worker",
                    union.merged().string(""),
                    number,
                    "" + rounds));
      }
      for (Future<Commands.Result> worker : threads.invokeAll(workers)) {
        Commands.Result result = worker.get();
        assertEquals(0, result.status(), result.out() + result.err());
        assertEquals("", result.err());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void fourProcessesWorkWithoutErrorOrLeak() throws Exception {
    try (Union union = Union.writable(mounter, 2)) {
      for (int i = 0; i < 4; i++) {
        for (int file = 0; file < 100; file++) {
          String path = "tree" + i + "/d" + file / 10 + "/f" + file % 10;
          union.lower(file % 2).write(path, path.repeat(1 + file * 7));
        }
      }
      for (int i = 0; i < 10; i++) {
        union.lower(1).write("shared/f" + i, "shared");
      }
      List<Map<String, String>> lower =
          List.of(Snapshot.exact(union.lower(0)), Snapshot.exact(union.lower(1)));
      union.mount();
      // A directory known costs a descriptor for each of its layers, within a bound: have them all
      // in the upper, and known, before counting.
      String changeAll = "find \"$0\" -type d -exec chmod 755 {} +";
      Commands.run("sh", "-c", changeAll, union.merged().string("")).succeed();
      work(union, WARM_UP_ROUNDS);
      Daemon daemon = mounter.isLamina() ? Daemon.of(union.mountPoint()) : null;
      int openFiles = daemon == null ? 0 : DaemonTest.settledFiles(daemon);
      long memory = daemon == null ? 0 : daemon.residentKib();

      // Of the reference only that the work can be done.
      work(union, daemon == null ? WARM_UP_ROUNDS : ROUNDS);

      if (daemon != null) {
        DaemonTest.awaitFiles(openFiles + 16, daemon);
        long after = daemon.residentKib();
        assertTrue(after <= memory * MEMORY_FACTOR, "KiB: " + memory + " grew to " + after);
      }
      Map<String, String> before = Snapshot.withInodes(union.merged());
      union.remount();
      Snapshot.assertSame("the tree", before, Snapshot.withInodes(union.merged()));
      union.unmount();
      for (int i = 0; i < 2; i++) {
        Snapshot.assertSame("layer " + i, lower.get(i), Snapshot.exact(union.lower(i)));
      }
      for (String name : union.work().list("")) {
        assertEquals(List.of(), new Tree(union.work().string(name)).list(""), "the work directory");
      }
    }
  }
}
