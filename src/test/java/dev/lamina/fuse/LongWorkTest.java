package dev.lamina.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.Errno;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Tests that a request that waits for work is told of its end once, and that work without waiting
 * requests ends early.
 */
class LongWorkTest {
  private final LongWork work = new LongWork(1);
  private final List<Integer> told = new ArrayList<>();
  private final LongWork.Waiter one = told::add;
  private final LongWork.Waiter other = told::add;

  @Test
  void allAreToldOfTheEnd() {
    assertEquals(LongWork.UNDER_WAY, work.join(one));
    assertEquals(LongWork.UNDER_WAY, work.join(other));
    work.end(Errno.ENOSPC);
    assertEquals(List.of(Errno.ENOSPC, Errno.ENOSPC), told);
    assertEquals(Errno.ENOSPC, work.join(errno -> told.add(-1)), "who comes late");
    assertEquals(2, told.size());
  }

  @Test
  void lastToLeaveAbandonsWhatMayBe() {
    work.allowAbandoning();
    work.join(one);
    work.join(other);
    work.leave(one);
    assertFalse(work.isAbandoned());
    work.leave(other);
    assertTrue(work.isAbandoned());
    work.join(one);
    work.end(Errno.EINTR);
    assertEquals(List.of(0), told, "who comes after that begins anew");
  }

  @Test
  void workOfARequestIsNotAbandoned() {
    work.join(one);
    work.leave(one);
    assertFalse(work.isAbandoned());
  }

  @Test
  void onlySignalsThatKillCount() {
    String alive = "State:\tD (disk sleep)\nSigPnd:\t0000000000400000\nShdPnd:\t0000000000000000\n";
    assertFalse(WaitingCaller.isBeingKilled(alive));
    assertTrue(WaitingCaller.isBeingKilled(alive.replace("400000", "400100")));
    assertTrue(WaitingCaller.isBeingKilled("ShdPnd:\t0000000000000100\n"));
    assertTrue(WaitingCaller.isBeingKilled("State:\tZ (zombie)\n"));
    assertFalse(WaitingCaller.isBeingKilled(0), "of another pid namespace");
    assertFalse(WaitingCaller.isBeingKilled((int) ProcessHandle.current().pid()));
  }
}
