package dev.lamina.fuse.kernel;

import dev.lamina.fuse.LongWork;

/** A request that waits without a thread; its {@link Parking} lets it go on once. */
final class ParkedRequest implements LongWork.Waiter {
  /** What is done with it once it need not wait any more. */
  @FunctionalInterface
  interface Continuation {
    /**
     * @param errno 0 to run the request again, else what to answer it with
     */
    void proceed(int errno);
  }

  private final Parking parking;
  private final long unique;
  private final int caller;
  private final LongWork work;
  private final Continuation continuation;

  /**
   * @param caller thread id; 0 where it has none here
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
