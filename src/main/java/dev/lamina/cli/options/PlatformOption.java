package dev.lamina.cli.options;

import dev.lamina.image.ImageException;
import dev.lamina.image.Platform;
import picocli.CommandLine.Option;

/** The option that chooses among images of several platforms. */
public final class PlatformOption {
  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH[/VARIANT]",
      description = "Platform to select of an image for several; by default this machine's.")
  private String platform;

  /** Returns the platform that is given, or this machine's. */
  public Platform get() throws ImageException {
    return platform == null ? Platform.host() : Platform.parse(platform);
  }

  /** Returns the platform that is given; null when none is. */
  public Platform given() throws ImageException {
    return platform == null ? null : Platform.parse(platform);
  }
}
