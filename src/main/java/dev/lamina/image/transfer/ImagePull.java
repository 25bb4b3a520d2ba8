package dev.lamina.image.transfer;

import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.ImageSource;
import dev.lamina.image.Platform;
import dev.lamina.image.Progress;
import dev.lamina.image.archive.ImageLocation;
import dev.lamina.image.registry.RegistryClient;
import dev.lamina.image.registry.RegistryOptions;
import dev.lamina.image.store.Images;
import dev.lamina.image.store.StoredImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Copies images that users name into the store, from wherever they are. */
public final class ImagePull {
  private final Images images;
  private final RegistryOptions registry;
  private final Platform platform;
  private final Consumer<String> warnings;

  /**
   * @param platform null for this machine's
   * @param warnings gets what users should know about what is left out, a line at a time
   */
  public ImagePull(
      Images images, RegistryOptions registry, Platform platform, Consumer<String> warnings) {
    this.images = images;
    this.registry = registry;
    this.platform = platform == null ? Platform.host() : platform;
    this.warnings = warnings;
  }

  /**
   * Pulls an image.
   *
   * @param source the location of the image as the user wrote it, see {@link ImageLocation}
   * @param name that it gets; null for the one it has at its source, if any
   */
  public StoredImage pull(String source, String name) throws IOException {
    ImageLocation location = ImageLocation.parse(source);
    if (location.kind() == ImageLocation.Kind.NAME) {
      // As docker has it: what is pulled is in a registry.
      location = ImageLocation.parse("docker://" + source);
    }
    return pull(location, name, true);
  }

  /**
   * Pulls an image to mount it. It takes no name away from another image of the store, which could
   * be its last one.
   *
   * @throws ImageException when the source is a name in the store
   */
  public StoredImage pullToUse(String source) throws IOException {
    return pull(ImageLocation.parse(source), null, false);
  }

  private StoredImage pull(ImageLocation location, String name, boolean takesNames)
      throws IOException {
    return switch (location.kind()) {
      case OCI_LAYOUT, OCI_ARCHIVE, DOCKER_ARCHIVE, SKOPEO_DIRECTORY -> {
        try (ImageSource source = location.source(temporary())) {
          String own = name != null ? name : location.nameFor(source);
          boolean isFree = takesNames || own == null || images.find(own) == null;
          yield images.pull(source, platform, isFree ? own : null);
        }
      }
      case REGISTRY -> fromRegistry(ImageReference.parse(location.name()), name);
      case ROOTFS_DIRECTORY, ROOTFS_TAR ->
          new TreeImport(images, platform, warnings).importTree(location, name, List.of());
      case NAME -> throw ImageSearch.isNotThere(location);
    };
  }

  private StoredImage fromRegistry(ImageReference reference, String name) throws IOException {
    // The store counts what it has written, and so the client need not count what it reads.
    try (RegistryClient client = new RegistryClient(registry, Progress.NONE);
        ImageSource source = client.source(reference)) {
      return images.pull(source, platform, name != null ? name : reference.toString());
    }
  }

  /** Returns the directory for copies of archives that cannot be read where they are. */
  public static Path temporary() {
    String directory = System.getenv("TMPDIR");
    return Path.of(directory == null || directory.isEmpty() ? "/var/tmp" : directory);
  }
}
