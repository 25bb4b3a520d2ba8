package dev.lamina.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Tests that an operation that finds no space is run again for as long as some may be freed. */
class SpaceRetryTest {
  private final AtomicInteger runs = new AtomicInteger();

  /**
   * Returns an operation that first fails {@code failures} times, and then returns its argument.
   */
  private SpaceRetry.Operation<Integer> failing(int failures, int errno) {
    return argument -> {
      if (runs.getAndIncrement() < failures) {
        throw ErrnoException.of(errno);
      }
      return argument;
    };
  }

  private static int errno(SpaceRetry retry, SpaceRetry.Operation<Integer> operation) {
    return assertThrows(ErrnoException.class, () -> retry.run(operation, 0)).errno();
  }

  @Test
  void anOperationThatSucceedsRunsOnce() throws ErrnoException {
    assertEquals(7, new SpaceRetry(() -> true).run(failing(0, 0), 7));
    assertEquals(1, runs.get());
  }

  @Test
  void spaceThatWasFreedMeanwhileIsFound() throws ErrnoException {
    assertEquals(7, new SpaceRetry(() -> false).run(failing(2, Errno.ENOSPC), 7));
  }

  @Test
  void nothingIsWaitedForWhereNothingIsKept() {
    assertEquals(Errno.EDQUOT, errno(new SpaceRetry(() -> false), failing(9, Errno.EDQUOT)));
    assertEquals(3, runs.get());
  }

  @Test
  void theRetriesEndThoughSpaceIsKept() {
    assertEquals(Errno.ENOSPC, errno(new SpaceRetry(() -> true), failing(99, Errno.ENOSPC)));
    assertEquals(8, runs.get());
  }

  @Test
  void otherErrorsAreNotRetried() {
    assertEquals(Errno.EIO, errno(new SpaceRetry(() -> true), failing(1, Errno.EIO)));
    assertEquals(1, runs.get());
  }
}
