package dev.lamina.sys;

import java.util.Map;

/** Has system calls of one kind that the calling thread makes fail. */
public final class CallFaults implements AutoCloseable {
  private static final Map<String, Integer> CALLS =
      Map.of(
          "statx", SystemCall.STATX,
          "mknodat", SystemCall.MKNODAT,
          "fsync", SystemCall.FSYNC,
          "flock", SystemCall.FLOCK,
          "unlinkat", SystemCall.UNLINKAT);

  private final int number;
  private final int first;
  private final int last;
  private final int errno;
  private int calls;

  private CallFaults(int number, int first, int last, int errno) {
    this.number = number;
    this.first = first;
    this.last = last;
    this.errno = errno;
    Faults.install((call, flags) -> before(call));
  }

  /**
   * From a call on.
   *
   * @param first the number of the first that fails, from 1
   */
  public static CallFaults from(String call, int first, int errno) {
    return new CallFaults(CALLS.get(call), first, Integer.MAX_VALUE, errno);
  }

  /** The first call alone. */
  public static CallFaults once(String call, int errno) {
    return new CallFaults(CALLS.get(call), 1, 1, errno);
  }

  private long before(int call) {
    return call == number && ++calls >= first && calls <= last ? -errno : 0;
  }

  /** Whether any has failed. */
  public boolean haveFailed() {
    return calls >= first;
  }

  @Override
  public void close() {
    Faults.install(null);
  }
}
