package dev.lamina.cli.options;

import dev.lamina.image.ImageException;
import dev.lamina.image.Platform;
import picocli.CommandLine.Option;

/** Which of several platforms' images is meant. */
public final class PlatformOption {
  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH[/VARIANT]",
      description = "Of an image for several platforms; otherwise this machine's.")
  private String platform;

  /** The one that is meant. */
  public Platform get() throws ImageException {
    return platform == null ? Platform.host() : Platform.parse(platform);
  }

  /** Null when none was given. */
  public Platform given() throws ImageException {
    return platform == null ? null : Platform.parse(platform);
  }
}
