package dev.lamina.union.copyup;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.fuse.LongWork;
import dev.lamina.testing.Waiting;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Tests copies of large files, some of which do not end. */
class CopyThreadsTest {
  private static final long LARGE = 2 * CopyThreads.LARGE;
  private static final int MORE_THAN_THREADS = 8;

  @Test
  void aLayerThatAnswersNoMoreKeepsNoOtherWaiting() {
    CountDownLatch answers = new CountDownLatch(1);
    CountDownLatch copied = new CountDownLatch(1);
    try (CopyThreads copies = new CopyThreads(2)) {
      for (int i = 0; i < MORE_THAN_THREADS; i++) {
        assertTrue(copies.start(new LongWork(1), 0, LARGE, () -> await(answers)));
      }
      assertTrue(copies.start(new LongWork(1), 1, LARGE, copied::countDown));
      Waiting.until("the other layer's file is copied", () -> copied.getCount() == 0);
      answers.countDown();
    } finally {
      answers.countDown();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
