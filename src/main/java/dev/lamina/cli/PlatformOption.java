package dev.lamina.cli;

import dev.lamina.image.ImageException;
import dev.lamina.image.Platform;
import picocli.CommandLine.Option;

/** Which of several platforms' images is meant. */
final class PlatformOption {
  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH[/VARIANT]",
      description = "Of an image for several platforms; otherwise this machine's.")
  private String platform;

  /** The one that is meant. */
  Platform get() throws ImageException {
    return platform == null ? Platform.host() : Platform.parse(platform);
  }

  /** Null when none was given. */
  Platform given() throws ImageException {
    return platform == null ? null : Platform.parse(platform);
  }
}
