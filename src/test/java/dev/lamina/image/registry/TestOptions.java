package dev.lamina.image.registry;

import dev.lamina.image.Progress;
import dev.lamina.testing.Waiting;
import java.time.Duration;
import java.util.Map;

/** Options for tests: nothing of this machine's user, and no long pauses. */
final class TestOptions {
  /** What no registry that works keeps one waiting for, however busy the machine is. */
  private static final Duration NEVER = Waiting.HANG.multipliedBy(2);

  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(3);

  static final Timing QUICK = new Timing(NEVER, NEVER, NEVER, 3, PAUSE, LONGEST_PAUSE);

  private TestOptions() {}

  /**
   * For a test of what does not come. On a busy machine other things do not come either; that such
   * a client asks again must be no fault.
   *
   * @param answer how long it waits for an answer, null to wait for it as long as it takes
   * @param stall how long it waits for more of a body, null likewise
   */
  static Timing impatient(Duration answer, Duration stall) {
    return new Timing(
        NEVER,
        answer == null ? NEVER : answer,
        stall == null ? NEVER : stall,
        100,
        PAUSE,
        LONGEST_PAUSE);
  }

  /** For registries without TLS. */
  static RegistryOptions plain() {
    return verifying().withTlsVerify(false);
  }

  static RegistryOptions verifying() {
    return RegistryOptions.DEFAULT
        .withTiming(QUICK)
        .withEnvironment(Map.of("HOME", "/nonexistent", "XDG_RUNTIME_DIR", "/nonexistent"));
  }

  static RegistryClient client(RegistryOptions options) {
    return new RegistryClient(options, Progress.NONE);
  }
}
