package dev.lamina.image.registry;

import dev.lamina.image.Progress;
import dev.lamina.testing.Waiting;
import java.time.Duration;
import java.util.Map;

/** Options for tests: they use no files of the current user and no long pauses. */
final class TestOptions {
  /** A time that no working registry needs, however busy the machine is. */
  private static final Duration NEVER = Waiting.HANG.multipliedBy(2);

  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(3);

  static final Timing QUICK = new Timing(NEVER, NEVER, NEVER, 3, PAUSE, LONGEST_PAUSE);

  private TestOptions() {}

  /**
   * Returns short timeouts for a test in which a response or a part of it does not come. On a busy
   * machine other responses may be late as well, so the client must be allowed to try again often.
   *
   * @param answer the timeout for a response; null for no timeout
   * @param stall the timeout for more of a body; null for no timeout
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

  /** Returns options for registries without TLS. */
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
