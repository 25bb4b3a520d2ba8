package dev.lamina.sys;

import static dev.lamina.sys.Workspace.bytes;
import static dev.lamina.sys.Workspace.must;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests which settings belong to the process and which to one thread. */
class ProcessTest {
  private final Workspace work = new Workspace();

  @AfterEach
  void close() {
    work.close();
  }

  /** Runs a task in a thread of its own, so that none of its settings persist. */
  private static <T> T inThread(Callable<T> body) throws Exception {
    FutureTask<T> task = new FutureTask<>(body);
    new Thread(task).start();
    return task.get();
  }

  private static String status(String key) throws Exception {
    for (String line : Files.readAllLines(Path.of("/proc/thread-self/status"))) {
      if (line.startsWith(key + ":")) {
        return line.substring(key.length() + 1).strip();
      }
    }
    throw new AssertionError(key);
  }

  @Test
  void effectiveUser() throws Exception {
    assertEquals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"), ProcessCalls.geteuid());
  }

  @Test
  void theFileSystemIdsAreTheThreads() throws Exception {
    inThread(
        () -> {
          assertEquals(0, ProcessCalls.setfsuid(1234));
          assertEquals(0, ProcessCalls.setfsgid(2345));
          assertEquals(1234, ProcessCalls.setfsuid(-1));
          assertEquals(2345, ProcessCalls.setfsgid(-1));
          assertEquals(-Errno.EACCES, Linux.mkdirat(work.dir, bytes("denied"), 0700));
          return null;
        });
    assertEquals(0, ProcessCalls.setfsuid(-1));
    assertEquals(0, Linux.mkdirat(work.dir, bytes("d"), 0700));
  }

  @Test
  void withoutTheFixupTheCapabilitiesStay() throws Exception {
    inThread(
        () -> {
          String before = status("CapEff");
          assertEquals(0, ProcessCalls.setSecurebits(ProcessCalls.SECBIT_NO_SETUID_FIXUP));
          assertEquals(ProcessCalls.SECBIT_NO_SETUID_FIXUP, ProcessCalls.securebits());
          ProcessCalls.setfsuid(1234);
          assertEquals(before, status("CapEff"));
          assertEquals(0, Linux.mkdirat(work.dir, bytes("d"), 0700));
          assertEquals(1234, work.stat("d").uid);
          return null;
        });
    assertEquals(0, ProcessCalls.securebits());
    assertEquals(-Errno.EPERM, ProcessCalls.setSecurebits(1 << 20));
  }

  @Test
  void unshareGivesAThreadItsOwnUmaskAndDirectory() throws Exception {
    int mask = ProcessCalls.umask(022);
    assertEquals(022, ProcessCalls.umask(022));
    String directory = Path.of("/proc/self/cwd").toRealPath().toString();
    inThread(
        () -> {
          assertEquals(0, TestCalls.unshareUmask());
          assertEquals(022, ProcessCalls.umask(0));
          assertEquals(0, ProcessCalls.chdir(bytes("" + work.root())));
          assertEquals(0, Linux.mkdirat(Linux.AT_FDCWD, bytes("open"), 0777));
          assertEquals(-Errno.ENOENT, ProcessCalls.chdir(bytes("nowhere")));
          assertEquals(-Errno.ENAMETOOLONG, ProcessCalls.chdir(new byte[5000]));
          return null;
        });
    assertEquals(Mode.S_IFDIR | 0777, work.stat("open").mode);
    assertEquals(022, ProcessCalls.umask(mask));
    assertEquals(directory, Path.of("/proc/self/cwd").toRealPath().toString());
  }

  @Test
  void theLimitIsRaisedToTheHardOne() throws Exception {
    long limit = ProcessCalls.raiseLimit(ProcessCalls.RLIMIT_NOFILE);
    assertEquals(limit, ProcessCalls.raiseLimit(ProcessCalls.RLIMIT_NOFILE));
    String line =
        Files.readAllLines(Path.of("/proc/self/limits")).stream()
            .filter(text -> text.startsWith("Max open files"))
            .findFirst()
            .orElseThrow();
    String[] words = line.split(" +");
    assertEquals(words[4], words[3]);
    assertEquals(words[4], "" + limit);
    // The address space usually has no limit, which must not look like an error number.
    assertTrue(ProcessCalls.raiseLimit(9) > 0);
    assertEquals(-Errno.EINVAL, ProcessCalls.raiseLimit(99));
  }

  /**
   * A surefire process may or may not lead a process group; setsid succeeds only if it does not.
   */
  @Test
  void aGroupLeaderKeepsItsSession() throws Exception {
    String[] stat = Files.readString(Path.of("/proc/self/stat")).split("\\) ")[1].split(" ");
    boolean leader = stat[2].equals("" + ProcessHandle.current().pid());
    int result = ProcessCalls.setsid();
    assertEquals(leader ? -Errno.EPERM : ProcessHandle.current().pid(), result);
    assertEquals(-Errno.EPERM, ProcessCalls.setsid());
  }

  @Test
  void theScratchMemoryIsTheThreads() throws Exception {
    long mine = Scratch.get().struct();
    assertEquals(mine, Scratch.get().struct());
    assertNotEquals(mine, inThread(() -> Scratch.get().struct()));
    assertEquals(0, Scratch.get().first(new byte[Scratch.STRING_SIZE]));
    byte[] longest = bytes("p".repeat(Scratch.STRING_SIZE - 1));
    long first = Scratch.get().first(longest);
    long second = Scratch.get().second(bytes("second"));
    long path = Scratch.get().procPath(Integer.MAX_VALUE, longest);
    assertArrayEquals(bytes("second"), Memory.getCString(second));
    assertEquals(longest.length, Memory.getCString(first).length);
    byte[] prefix = bytes("/proc/self/fd/2147483647/");
    assertEquals(prefix.length + longest.length, Memory.getCString(path).length);
    for (int fd : new int[] {0, 9, 10, 1023, 1_000_000, -1, -100, Integer.MIN_VALUE}) {
      byte[] text = Memory.getCString(Scratch.get().procPath(fd, Linux.EMPTY));
      assertArrayEquals(bytes("/proc/self/fd/" + Math.max(fd, -1)), text);
    }
    int deep = must(Linux.openat(work.dir, bytes("."), OpenFlags.O_PATH, 0));
    assertEquals(-Errno.ENAMETOOLONG, Xattrs.list(deep, longest, 0, 0));
    Linux.close(deep);
  }
}
