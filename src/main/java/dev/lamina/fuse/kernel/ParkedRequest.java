package dev.lamina.fuse.kernel;

import dev.lamina.fuse.LongWork;

/** A request that waits without a thread. Its {@link Parking} resumes it once. */
final class ParkedRequest implements LongWork.Waiter {
  /** The action that resumes a request. */
  @FunctionalInterface
  interface Continuation {
    /**
     * Resumes the request.
     *
     * @param errno 0 to run the request again, otherwise the errno to answer it with
     */
    void proceed(int errno);
  }

  private final Parking parking;
  private final long unique;
  private final int caller;
  private final LongWork work;
  private final Continuation continuation;

  /**
   * @param caller the thread id of the caller; 0 if it has none in this pid namespace
   */
  ParkedRequest(
      Parking parking, long unique, int caller, LongWork work, Continuation continuation) {
    this.parking = parking;
    this.unique = unique;
    this.caller = caller;
    this.work = work;
    this.continuation = continuation;
  }

  long unique() {
    return unique;
  }

  int caller() {
    return caller;
  }

  LongWork work() {
    return work;
  }

  void proceed(int errno) {
    continuation.proceed(errno);
  }

  @Override
  public void ended(int errno) {
    parking.release(this, errno);
  }
}
