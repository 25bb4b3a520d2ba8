package dev.lamina.cli.options;

import dev.lamina.image.ImageException;
import dev.lamina.image.Platform;
import picocli.CommandLine.Option;

/** The option that selects one platform of an image for several. */
public final class PlatformOption {
  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH[/VARIANT]",
      description = "Platform to select of an image for several; by default this machine's.")
  private String platform;

  /** Returns the platform given on the command line, by default this machine's. */
  public Platform get() throws ImageException {
    return platform == null ? Platform.host() : Platform.parse(platform);
  }

  /** Returns the platform given on the command line; null without one. */
  public Platform given() throws ImageException {
    return platform == null ? null : Platform.parse(platform);
  }
}
