package dev.lamina.sys;

/** The machine's architecture, for the few kernel constants that differ between architectures. */
final class Architecture {
  /** True on 64-bit ARM, false on x86-64. No other architecture is supported. */
  static final boolean IS_AARCH64 = detect();

  private Architecture() {}

  private static boolean detect() {
    String name = System.getProperty("os.arch");
    return switch (name) {
      case "aarch64" -> true;
      case "amd64", "x86_64" -> false;
      default ->
          throw new UnsupportedOperationException(
              "Lamina runs on x86-64 and aarch64 Linux, not on " + name);
    };
  }
}
