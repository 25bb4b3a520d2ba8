package dev.lamina.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class FaultsTest {
  private static final byte[] ROOT = {'/'};

  private static int stat() {
    return Linux.statx(Linux.AT_FDCWD, ROOT, new Stat());
  }

  @Test
  void oneCallFailsOnce() {
    assertNotNull(Faults.chosen(), "the property is set for tests");
    try (ReadFaults faults = ReadFaults.of(2, Errno.EIO)) {
      assertEquals(0, stat());
      assertTrue(faults.failed().isEmpty());
      assertEquals(-Errno.EIO, stat());
      assertEquals("statx", faults.failed().orElseThrow());
      assertEquals(0, stat());
      assertEquals(3, faults.calls());
    }
    assertEquals(0, stat());
  }

  @Test
  void changesAndOtherThreadsAreNotTouched() throws InterruptedException {
    try (ReadFaults faults = ReadFaults.of(1, Errno.EIO)) {
      assertEquals(-Errno.EBADF, Linux.fsync(-1));
      int[] other = {-1};
      Thread thread = new Thread(() -> other[0] = stat());
      thread.start();
      thread.join();
      assertEquals(0, other[0]);
      assertEquals(0, faults.calls());
    }
  }
}
