package dev.lamina.cli.options;

import dev.lamina.image.ImageException;
import dev.lamina.image.Platform;
import dev.lamina.image.file.HostPaths;
import dev.lamina.mount.ImageMountRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of {@code lamina mount} for images. */
public final class ImageMountArguments {
  public static final String MUST_BE_NEW = "--new";

  /**
   * An option of {@code lamina pull}, given when a mount needs the image. The command then prints
   * the digest of the manifest.
   */
  public static final String TO_USE = "--to-use";

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = {
        "Name of the mount; by default that of the directory. Changes are kept under it, also",
        "after it is unmounted, until \"lamina rm\"; a mount with the same name has them again."
      })
  private String name;

  @Option(
      names = "--upper",
      paramLabel = "DIR",
      description = "Directory for the changes; by default one in the store.")
  private String upper;

  @Option(
      names = "--work",
      paramLabel = "DIR",
      description =
          "Work directory on the same file system as --upper; by default beside it, UPPER.work.")
  private String work;

  @Option(names = "--read-only", description = "Mount read-only.")
  private boolean readOnly;

  /** "run" gives this option, because it may only remove a mount that it has made itself. */
  @Option(names = MUST_BE_NEW, hidden = true)
  private boolean mustBeNew;

  @Mixin private PlatformOption platform;
  @Mixin private UnpackArguments unpacking;
  @Mixin private RegistryArguments registry;

  /**
   * Refuses these options in a call that names no image.
   *
   * @throws UsageException when one of them is given
   */
  public void refuse() throws UsageException {
    if (name != null || upper != null || work != null || readOnly) {
      throw new UsageException(
          "--name, --upper, --work and --read-only are for images: lamina mount IMAGE MOUNTPOINT");
    }
  }

  /**
   * Returns the request for a mount that these options and an image describe.
   *
   * @param isReadOnly whether other options make the mount read-only
   */
  public ImageMountRequest request(Path storeRoot, String image, boolean isReadOnly)
      throws UsageException, ImageException {
    if ((readOnly || isReadOnly) && upper != null) {
      throw new UsageException("--upper cannot be given for a read-only mount");
    }
    if (work != null && upper == null) {
      throw new UsageException("--work is given without --upper");
    }
    // The process that pulls parses these options again, but a mistake is reported now.
    registry.options();
    return new ImageMountRequest(
        storeRoot,
        image,
        name,
        mustBeNew,
        upper == null ? null : HostPaths.path(upper),
        work == null ? null : HostPaths.path(work),
        readOnly || isReadOnly,
        platform.given(),
        unpacking.limits(),
        pullCommand(image));
  }

  private List<String> pullCommand(String image) throws ImageException {
    List<String> arguments = new ArrayList<>(List.of("pull"));
    Platform given = platform.given();
    if (given != null) {
      arguments.add("--platform=" + given);
    }
    arguments.addAll(registry.asArguments());
    arguments.addAll(unpacking.asArguments());
    arguments.addAll(List.of(TO_USE, "--", image));
    return arguments;
  }
}
