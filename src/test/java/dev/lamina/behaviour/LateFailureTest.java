package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Daemon;
import dev.lamina.testing.Mounter;
import dev.lamina.testing.Strace;
import dev.lamina.testing.Tree;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Cutting a file off fails, at whatever system call, with the file as it was: its data is the last
 * thing to go.
 */
@LaminaOnly("makes system calls of the daemon fail")
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LateFailureTest extends SharedMountTest {
  private static final String CONTENTS = "contents that stay";
  private static final int TRIES = 12;
  private static final int TRUNCATING = OpenFlags.O_WRONLY | OpenFlags.O_TRUNC;

  private enum Way {
    OPEN_LOWER(tree -> closed(tree.open("file", TRUNCATING))),
    OPEN_UPPER(tree -> closed(tree.open("copied", TRUNCATING))),
    TRUNCATE_LOWER(tree -> tree.truncate("file", 0)),
    TRUNCATE_UPPER(tree -> tree.truncate("copied", 0));

    private final ToIntFunction<Tree> call;

    Way(ToIntFunction<Tree> call) {
      this.call = call;
    }

    private static int closed(int fd) {
      return fd < 0 ? fd : Linux.close(fd);
    }

    private String file() {
      return name().endsWith("LOWER") ? "file" : "copied";
    }
  }

  private static String place(Way way, String call, int number) {
    return way + "/" + call + "/" + number;
  }

  /** One thread answers all requests, since strace counts the calls of each thread by itself. */
  @Override
  String[] options() {
    return new String[] {"passthrough=off", "io_uring=off", "workers=1"};
  }

  @Override
  void fill(Union layers) {
    for (Way way : Way.values()) {
      for (String call : new String[] {"openat", "fsync", "ftruncate", "renameat2", "statx"}) {
        for (int i = 1; i <= TRIES; i++) {
          layers.lower().write(place(way, call, i) + "/file", CONTENTS);
          layers.lower().write(place(way, call, i) + "/copied", CONTENTS);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "OPEN_LOWER, openat, EMFILE",
    "OPEN_LOWER, fsync, EIO",
    "OPEN_LOWER, ftruncate, EIO",
    "OPEN_LOWER, renameat2, EIO",
    "OPEN_LOWER, statx, EIO",
    "OPEN_UPPER, openat, EMFILE",
    "OPEN_UPPER, ftruncate, EIO",
    "TRUNCATE_LOWER, openat, EMFILE",
    "TRUNCATE_LOWER, renameat2, EIO",
    "TRUNCATE_UPPER, openat, EMFILE"
  })
  void failureLeavesTheFileAsItWas(Way way, String call, String error) {
    // libfuse 2 does not hand O_TRUNC over: the kernel truncates, and opens then.
    assumeTrue(mounter != Mounter.LAMINA_LIBFUSE);
    boolean hasFailed = false;
    for (int number = 1; number <= TRIES; number++) {
      Tree tree = merged.at(place(way, call, number));
      if (way.file().equals("copied")) {
        ok(Linux.close(ok(tree.open("copied", OpenFlags.O_RDWR))));
      }
      int[] result = new int[1];
      Strace.during(
          () -> result[0] = way.call.applyAsInt(tree),
          Daemon.of(union.mountPoint()),
          union.sandbox().root().resolve("trace"),
          "-e",
          "trace=" + call,
          "-e",
          "inject=" + call + ":error=" + error + ":when=" + number);
      if (result[0] == 0) {
        assertEquals("", tree.read(way.file()), way + " " + number);
        if (hasFailed) {
          return;
        }
        // The fault may have met a lookup on the way, which makes room and tries again.
      } else {
        hasFailed = true;
        assertEquals(CONTENTS, tree.read(way.file()), way + " " + number);
      }
    }
    assertFalse(hasFailed, "there are more than " + TRIES + " calls");
    assertTrue(way == Way.TRUNCATE_UPPER, "some call was made to fail");
  }
}
