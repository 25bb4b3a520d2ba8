package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;
import static dev.lamina.testing.Tree.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Daemon;
import dev.lamina.testing.Strace;
import dev.lamina.testing.Tree;
import dev.lamina.testing.UserNamespaces;
import dev.lamina.testing.Waiting;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the serving process spends and keeps: descriptors, system calls, requests. */
@Tag("slow")
@LaminaOnly("kernel overlayfs has no daemon")
class DaemonTest extends SharedMountTest {
  @Override
  int lowerLayers() {
    return 2;
  }

  @Override
  void fill(Union layers) {
    for (int i = 0; i < 2_000; i++) {
      layers.lower(i % 2).write("many/file" + i, "");
    }
    for (int i = 0; i < 200; i++) {
      layers.lower(1).write("mapped/file" + i, "contents");
      layers.lower(1).write("full/d" + i + "/x", "x");
    }
    layers.lower(1).write("missing/x", "x");
  }

  /** In a row without a change that tell that nothing more is closed. */
  private static final int SAME = 10;

  /**
   * Makes the kernel give back every inode it does not use. The first time may only take the marks
   * of recent use away, a parent goes after its children, and the daemon hears of it later.
   */
  static void dropCaches() {
    try {
      for (int i = 0; i < 4; i++) {
        Files.writeString(Path.of("/proc/sys/vm/drop_caches"), "2");
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** How many files a daemon has open when it has heard of all that the kernel gave back. */
  static int settledFiles(Daemon daemon) {
    int[] last = {0, 0};
    Waiting.until(
        "no more is closed",
        () -> {
          dropCaches();
          int now = daemon.openFiles().size();
          last[1] = now == last[0] ? last[1] + 1 : 0;
          last[0] = now;
          return last[1] == SAME;
        });
    return last[0];
  }

  /** Fails unless a daemon closes all but so many. */
  static void awaitFiles(int most, Daemon daemon) {
    try {
      Waiting.until(
          "files are closed",
          () -> {
            dropCaches();
            return daemon.openFiles().size() <= most;
          });
    } catch (Waiting.Hang e) {
      throw new AssertionError("more than " + most + " are open: " + daemon.openFiles(), e);
    }
  }

  private Daemon daemon() {
    return Daemon.of(union.mountPoint());
  }

  /** Fails when the work leaves descriptors open. */
  private void leaksNoDescriptors(Runnable work) {
    work.run();
    int before = settledFiles(daemon());
    for (int i = 0; i < 3; i++) {
      work.run();
    }
    awaitFiles(before + 8, daemon());
  }

  @Test
  void mappedThenClosedFilesLeakNoDescriptors() {
    leaksNoDescriptors(
        () -> {
          // A process of its own: its mappings end with it.
          String script =
              "import mmap,sys,os\n"
                  + "for name in os.listdir(sys.argv[1]):\n"
                  + "  fd = os.open(os.path.join(sys.argv[1], name), os.O_RDONLY)\n"
                  + "  mapping = mmap.mmap(fd, 8, prot=mmap.PROT_READ)\n"
                  + "  os.close(fd)\n"
                  + "  assert mapping[:] == b'contents'\n";
          Commands.run("python3", "-c", script, merged.string("mapped")).succeed();
        });
  }

  @Test
  void directoriesMadeAndRemovedLeakNoDescriptors() {
    leaksNoDescriptors(
        () -> {
          for (int i = 0; i < 200; i++) {
            ok(merged.mkdir("made", 0755));
            merged.write("made/file", "x");
            ok(merged.unlink("made/file"));
            ok(merged.rmdir("made"));
          }
        });
  }

  @Test
  void failedRenamesLeakNoDescriptors() {
    leaksNoDescriptors(
        () -> {
          for (int i = 0; i < 200; i++) {
            int result = merged.rename("full/d" + i, "full/d" + (i + 1) % 200);
            refused(mounter.renamesLowerDirectories() ? Errno.ENOTEMPTY : Errno.EXDEV, result);
            refused(Errno.EISDIR, merged.rename("missing/x", "full/d" + i));
            refused(Errno.ENOENT, merged.rename("full/none", "full/d" + i));
          }
        });
  }

  @Test
  void filesSeenLeakNoDescriptors() {
    leaksNoDescriptors(
        () -> {
          for (String name : merged.list("many")) {
            merged.stat("many/" + name);
            ok(Linux.close(ok(merged.open("many/" + name, OpenFlags.O_RDONLY))));
          }
        });
  }

  /** Forgets that underflow, or lookups counted for entries never handed out, break this. */
  @Test
  void listingsKeepLookupCountsBalanced() {
    for (int i = 0; i < 5; i++) {
      List<String> names = merged.list("many");
      assertEquals(2_000, names.size());
      Commands.run("ls", "-l", merged.string("many")).succeed();
      dropCaches();
    }
    assertEquals("", merged.read("many/file1999"));
  }

  @Test
  void statOfALargeDirectoryTakesFewSystemCalls() throws Exception {
    Path trace = union.sandbox().root().resolve("trace");
    Strace.during(
        () -> {
          dropCaches();
          merged.stat("many");
          merged.stat("many");
        },
        daemon(),
        trace);
    long calls;
    try (var lines = Files.lines(trace)) {
      // The virtual machine's own waiting is no work for the request.
      calls = lines.filter(line -> !line.matches(".*(futex|resumed|SIG|sched_yield).*")).count();
    }
    assertTrue(calls < 1_000, calls + " system calls");
  }

  /** The daemon must not go through its own mount, and keeps no directory of its caller's busy. */
  @Test
  void daemonWorksInTheRootDirectory() throws IOException {
    assertEquals(Path.of("/"), Files.readSymbolicLink(daemon().proc("cwd")));
  }

  @Test
  void daemonHoldsNothingOfItsCaller() {
    List<String> open = daemon().descriptors();
    for (String target : open) {
      assertTrue(!target.startsWith("pipe:") || isOwnPipe(open, target), "open: " + open);
    }
  }

  /** A pipe with both ends in the process is its own. */
  private static boolean isOwnPipe(List<String> open, String pipe) {
    return open.stream().filter(pipe::equals).count() >= 2;
  }

  @Test
  void missingNameIsAskedForOnce() throws Exception {
    try (Union logged = Union.writable(mounter, 1)) {
      Path log = logged.sandbox().root().resolve("log");
      List<String> command = new ArrayList<>(mounter.command());
      command.addAll(List.of("--debug", "--log-file", log.toString()));
      command.addAll(List.of("-o", logged.layers().options(), logged.mountPoint().toString()));
      Commands.run(command.toArray(String[]::new)).succeed();
      Tree tree = logged.merged();
      long drops = drops();
      for (int i = 0; i < 20; i++) {
        refused(Errno.ENOENT, tree.lstat("name-that-is-missing"));
      }
      drops = drops() - drops;
      logged.unmount();
      long asked;
      try (var lines = Files.lines(log)) {
        asked = lines.filter(line -> line.contains("name-that-is-missing")).count();
      }
      assertTrue(asked >= 1, "the log names what was looked up");
      assertTrue(asked <= 2 + drops, "asked " + asked + " times, " + drops + " drops");
    }
  }

  /** How often somebody, a test beside this one perhaps, had the kernel forget what it knew. */
  private static long drops() throws IOException {
    return Files.readAllLines(Path.of("/proc/vmstat")).stream()
        .filter(line -> line.startsWith("drop_slab "))
        .mapToLong(line -> Long.parseLong(line.substring("drop_slab ".length())))
        .sum();
  }

  /** Whatever Lamina does wrong, nothing is written through its descriptors of lower layers. */
  @Test
  void lowerLayersAreReadOnlyToTheDaemon() throws IOException {
    try (Union union = Union.writable(mounter, 2)) {
      union.mount();
      for (int i = 0; i < 2; i++) {
        Object layer = key(Path.of(union.lower(i).string("")));
        int found = 0;
        String process = Long.toString(Daemon.of(union.mountPoint()).pid());
        try (DirectoryStream<Path> all =
            Files.newDirectoryStream(Path.of("/proc", process, "fd"))) {
          for (Path fd : all) {
            if (Files.isDirectory(fd) && layer.equals(key(fd))) {
              found++;
              Path made = fd.resolve("made");
              Exception e = assertThrows(IOException.class, () -> Files.createFile(made));
              assertTrue(e.getMessage().contains("Read-only file system"), e.getMessage());
            }
          }
        }
        assertTrue(found > 0, "descriptors of layer " + i);
      }
    }
  }

  /** The mounts there came from outside, whose handling of access times is locked. */
  @Test
  void nothingIsWrittenToLowerLayersInAUserNamespace() {
    UserNamespaces.require();
    try (Union union = Union.writable(mounter, 1)) {
      union.lower().symlink("target", "link");
      Commands.run("touch", "-h", "-d", "2001-02-03", union.lower().string("link")).succeed();
      String script =
          """
          lamina=$1 options=$2 merged=$3 lower=$4
          "$lamina" mount -o "$options" "$merged"
          trap 'umount "$merged"' EXIT
          readlink "$merged/link"
          for fd in /proc/[0-9]*/fd/*; do
            [ "$fd" -ef "$lower" ] || continue
            echo "descriptor of the layer"
            ! touch "$fd/made" 2>/dev/null || echo written
          done
          """;
      String said =
          Commands.run(
                  Lamina.TIMEOUT,
                  "unshare",
                  "--user",
                  "--map-root-user",
                  "--mount",
                  "--propagation=private",
                  "sh",
                  "-euc",
                  script,
                  "sh",
                  Path.of("scripts/lamina").toAbsolutePath().toString(),
                  union.layers().options(),
                  union.mountPoint().toString(),
                  union.lower().string(""))
              .succeed()
              .out();
      assertTrue(said.contains("descriptor of the layer"), said);
      assertFalse(said.contains("written"), said);
      assertEquals(981_158_400L, union.lower().stat("link").atimeSeconds);
    }
  }

  /** What a path leads to. */
  private static Object key(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  @Test
  void workersAreNoMoreThanAskedFor() throws IOException {
    for (int most : new int[] {1, 3}) {
      try (Union union = Union.writable(mounter, 1)) {
        for (int i = 0; i < 200; i++) {
          union.lower().write("d" + i % 20 + "/f" + i, "contents");
        }
        union.mount("io_uring=off", "workers=" + most);
        String command = "cd \"$0\" && find . -type f | xargs -P 8 -n 5 cp -t . --backup=numbered";
        Commands.run("sh", "-c", command, union.mountPoint().toString()).succeed();
        assertEquals(200, union.merged().list("").size() - 20);
        assertEquals(most - 1, addedWorkers(Daemon.of(union.mountPoint())));
      }
    }
  }

  /** The first serves on the main thread. */
  private static int addedWorkers(Daemon daemon) throws IOException {
    int count = 0;
    try (DirectoryStream<Path> tasks =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(daemon.pid()), "task"))) {
      for (Path task : tasks) {
        count += Files.readString(task.resolve("comm")).matches("(lib)?fuse-\\d+\n") ? 1 : 0;
      }
    }
    return count;
  }
}
