package dev.lamina.differential;

/** What a thread is at, and since when: for the one who waits for it. */
final class Progress {
  private volatile String step = "start";
  private volatile long since = System.nanoTime();

  void at(String newStep) {
    step = newStep;
    since = System.nanoTime();
  }

  String step() {
    return step;
  }

  /** Nanoseconds since the last step began. */
  long age() {
    return System.nanoTime() - since;
  }
}
