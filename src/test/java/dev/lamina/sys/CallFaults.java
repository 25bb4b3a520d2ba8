package dev.lamina.sys;

import java.util.Map;

/** Makes system calls of one kind fail in the calling thread. */
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
   * Makes all calls from one on fail.
   *
   * @param first the number of the first call that fails, counted from 1
   */
  public static CallFaults from(String call, int first, int errno) {
    return new CallFaults(CALLS.get(call), first, Integer.MAX_VALUE, errno);
  }

  /** Makes only the first call fail. */
  public static CallFaults once(String call, int errno) {
    return new CallFaults(CALLS.get(call), 1, 1, errno);
  }

  private long before(int call) {
    return call == number && ++calls >= first && calls <= last ? -errno : 0;
  }

  /** Returns whether a call has failed. */
  public boolean haveFailed() {
    return calls >= first;
  }

  @Override
  public void close() {
    Faults.install(null);
  }
}
