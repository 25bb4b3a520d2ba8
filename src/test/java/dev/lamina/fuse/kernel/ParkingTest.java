package dev.lamina.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.fuse.LongWork;
import dev.lamina.sys.Errno;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that a waiting request is resumed once, by whichever event comes first. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ParkingTest {
  private static final long UNIQUE = 42;

  /** A process id above the kernel's limit, so that no process has it. */
  private static final int DEAD = 1 << 30;

  private static final int ALIVE = (int) ProcessHandle.current().pid();

  private final Parking parking = new Parking();
  private final LongWork work = new LongWork(1);
  private final List<Integer> answers = Collections.synchronizedList(new ArrayList<>());

  @BeforeEach
  void mayBeAbandoned() {
    work.allowAbandoning();
  }

  private void park(int caller) {
    parking.park(UNIQUE, caller, work, answers::add);
  }

  @Test
  void theEndOfTheWorkLetsItGoOn() {
    park(ALIVE);
    work.end(0);
    parking.signal(UNIQUE);
    parking.close();
    assertEquals(List.of(0), answers);
  }

  @Test
  void whatHasEndedIsNotWaitedFor() {
    work.end(Errno.ENOSPC);
    park(ALIVE);
    assertEquals(List.of(Errno.ENOSPC), answers);
  }

  @Test
  void aDeadCallerGetsAnAnswerAndTheWorkIsAbandoned() {
    park(DEAD);
    parking.signal(UNIQUE);
    assertEquals(List.of(Errno.EINTR), answers);
    assertTrue(work.isAbandoned());
    work.end(Errno.EINTR);
    assertEquals(1, answers.size());
  }

  @Test
  void aSignalMayComeBeforeTheRequestWaits() {
    parking.signal(UNIQUE);
    park(DEAD);
    assertEquals(List.of(Errno.EINTR), answers);
    assertTrue(work.isAbandoned());
  }

  @Test
  void aSignalThatDoesNotKillChangesNothing() {
    park(ALIVE);
    parking.signal(UNIQUE);
    assertEquals(List.of(), answers);
    assertFalse(work.isAbandoned());
    work.end(0);
    assertEquals(List.of(0), answers);
    parking.forget(UNIQUE);
  }

  /** The death of one caller does not affect other requests that wait for the same work. */
  @Test
  void theWorkGoesOnWhileSomebodyWaits() {
    park(DEAD);
    parking.park(UNIQUE + 2, ALIVE, work, answers::add);
    parking.signal(UNIQUE);
    assertFalse(work.isAbandoned());
    work.end(0);
    assertEquals(List.of(Errno.EINTR, 0), answers);
  }

  @Test
  void theEndOfTheMountLetsAllGo() {
    park(ALIVE);
    parking.close();
    assertEquals(List.of(Errno.EINTR), answers);
    assertTrue(work.isAbandoned());
    park(ALIVE);
    assertEquals(List.of(Errno.EINTR, Errno.EINTR), answers, "who comes later");
  }

  /** The devices that requests are answered through are closed after this. */
  @Test
  void theEndOfTheMountWaitsForThoseThatAreBeingAnswered() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    parking.park(
        UNIQUE,
        ALIVE,
        work,
        errno -> {
          begun.countDown();
          try {
            goOn.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          answers.add(errno);
        });
    Thread copying = new Thread(() -> work.end(0));
    copying.start();
    begun.await();
    List<Integer> seenAtTheEnd = new ArrayList<>();
    Thread closing =
        new Thread(
            () -> {
              parking.close();
              seenAtTheEnd.addAll(answers);
            });
    closing.start();
    while (closing.getState() != Thread.State.WAITING
        && closing.getState() != Thread.State.TERMINATED) {
      Thread.onSpinWait();
    }
    goOn.countDown();
    copying.join();
    closing.join();
    assertEquals(List.of(0), seenAtTheEnd);
  }
}
