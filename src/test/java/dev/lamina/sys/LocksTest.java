package dev.lamina.sys;

import static dev.lamina.sys.Workspace.must;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.lamina.testing.NativePrograms;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests locks against a second process. */
class LocksTest {
  private static final int EXCLUSIVE = Linux.LOCK_EX | Linux.LOCK_NB;

  private final Workspace work = new Workspace();
  private int fd;

  @BeforeEach
  void open() {
    work.write("f", "x");
    fd = work.open("f", OpenFlags.O_RDWR);
  }

  @AfterEach
  void close() {
    Linux.close(fd);
    work.close();
  }

  /** A process that holds a lock until it is closed. */
  private final class Holder implements AutoCloseable {
    private final Process process;
    final int pid;

    Holder(String kind, long start, long length) throws IOException {
      String program = NativePrograms.get("hold_lock").toString();
      String file = work.root().resolve("f").toString();
      process = new ProcessBuilder(program, kind, file, "" + start, "" + length).start();
      pid = Integer.parseInt(process.inputReader(StandardCharsets.US_ASCII).readLine());
    }

    @Override
    public void close() throws IOException {
      process.outputWriter(StandardCharsets.US_ASCII).close();
      assertEquals(0, process.onExit().join().exitValue());
    }
  }

  private static RecordLock lock(int type, long start, long length) {
    RecordLock lock = new RecordLock();
    lock.type = type;
    lock.whence = Linux.SEEK_SET;
    lock.start = start;
    lock.length = length;
    return lock;
  }

  @Test
  void flockExcludesAnotherProcess() throws Exception {
    try (Holder holder = new Holder("flock", 0, 0)) {
      assertNotEquals(ProcessHandle.current().pid(), holder.pid);
      assertEquals(-Errno.EAGAIN, Linux.flock(fd, EXCLUSIVE));
      assertEquals(-Errno.EAGAIN, Linux.flock(fd, Linux.LOCK_SH | Linux.LOCK_NB));
    }
    assertEquals(0, Linux.flock(fd, EXCLUSIVE));
    assertEquals(0, Linux.flock(fd, Linux.LOCK_UN));
  }

  @Test
  void flockExcludesAnotherDescription() {
    int other = work.open("f", OpenFlags.O_RDWR);
    assertEquals(0, Linux.flock(fd, Linux.LOCK_SH));
    assertEquals(0, Linux.flock(other, Linux.LOCK_SH | Linux.LOCK_NB));
    assertEquals(-Errno.EAGAIN, Linux.flock(fd, EXCLUSIVE));
    must(Linux.close(other));
    assertEquals(0, Linux.flock(fd, EXCLUSIVE));
  }

  @Test
  void recordLocksExcludeAnotherProcessAndNameIt() throws Exception {
    long start = 1L << 40;
    try (Holder holder = new Holder("fcntl", start, 10)) {
      RecordLock asked = lock(Linux.F_RDLCK, 0, 0);
      assertEquals(0, Linux.fcntlLock(fd, Linux.F_GETLK, asked));
      assertEquals(Linux.F_WRLCK, asked.type);
      assertEquals(Linux.SEEK_SET, asked.whence);
      assertEquals(start, asked.start);
      assertEquals(10, asked.length);
      assertEquals(holder.pid, asked.pid);
      RecordLock last = lock(Linux.F_WRLCK, start + 9, 1);
      assertEquals(-Errno.EAGAIN, Linux.fcntlLock(fd, Linux.F_SETLK, last));
      RecordLock behind = lock(Linux.F_WRLCK, start + 10, 0);
      assertEquals(0, Linux.fcntlLock(fd, Linux.F_SETLK, behind));
    }
    RecordLock all = lock(Linux.F_WRLCK, 0, 0);
    assertEquals(0, Linux.fcntlLock(fd, Linux.F_SETLKW, all));
    assertEquals(0, Linux.fcntlLock(fd, Linux.F_SETLK, lock(Linux.F_UNLCK, 0, 0)));
  }

  @Test
  void aFreeRangeIsReportedAsUnlocked() {
    RecordLock asked = lock(Linux.F_WRLCK, 5, 5);
    assertEquals(0, Linux.fcntlLock(fd, Linux.F_GETLK, asked));
    assertEquals(Linux.F_UNLCK, asked.type);
    assertEquals(5, asked.start);
  }

  @Test
  void theDescriptorHasToAllowTheLock() {
    int reading = work.open("f", OpenFlags.O_RDONLY);
    RecordLock write = lock(Linux.F_WRLCK, 0, 0);
    assertEquals(-Errno.EBADF, Linux.fcntlLock(reading, Linux.F_SETLK, write));
    Linux.close(reading);
    assertEquals(-Errno.EBADF, Linux.flock(-1, Linux.LOCK_SH));
  }
}
