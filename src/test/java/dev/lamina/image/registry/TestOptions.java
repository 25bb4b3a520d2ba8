package dev.lamina.image.registry;

import dev.lamina.image.Progress;
import java.time.Duration;
import java.util.Map;

/** Options for tests: nothing of this machine's user, and no long waits. */
final class TestOptions {
  static final Timing QUICK =
      new Timing(
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofMillis(700),
          3,
          Duration.ofMillis(20),
          Duration.ofSeconds(3));

  private TestOptions() {}

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
