package dev.lamina.image.transfer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lamina.cli.Console;
import dev.lamina.image.Descriptor;
import dev.lamina.image.History;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.ImageSource;
import dev.lamina.image.Platform;
import dev.lamina.image.Progress;
import dev.lamina.image.archive.ImageLocation;
import dev.lamina.image.compress.Compression;
import dev.lamina.image.layer.LayerCompression;
import dev.lamina.image.layer.TarOptions;
import dev.lamina.image.layer.TreeTar;
import dev.lamina.image.layer.WrittenLayer;
import dev.lamina.image.registry.RegistryClient;
import dev.lamina.image.registry.RegistryOptions;
import dev.lamina.image.store.NewLayer;
import dev.lamina.image.store.Store;
import dev.lamina.image.store.StoredImage;
import dev.lamina.layer.LayerStack;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Brings images that users name into the store. */
public final class ImagePull {
  private final Store store;
  private final RegistryOptions registry;
  private final Platform platform;
  private final boolean anyPlatform;

  /**
   * @param platform null for this machine's, and whatever an image of the store is for
   */
  public ImagePull(Store store, RegistryOptions registry, Platform platform) {
    this.store = store;
    this.registry = registry;
    this.platform = platform == null ? Platform.host() : platform;
    anyPlatform = platform == null;
  }

  /** The image of the store that is meant or else, when it is not a name, what is there. */
  public StoredImage findOrBring(String image) throws IOException {
    StoredImage known = find(image);
    return known != null ? known : bringToUse(ImageLocation.parse(image));
  }

  /**
   * The image of the store that is meant; null when it must be brought in.
   *
   * @throws ImageException when it is a name of the store's, and not there
   */
  public StoredImage find(String image) throws IOException {
    StoredImage known = store.findImage(image, platform);
    if (known != null && (anyPlatform || known.config().platform().suits(platform) >= 0)) {
      return known;
    }
    ImageLocation location = ImageLocation.parse(image);
    if (location.kind() != ImageLocation.Kind.NAME) {
      return null;
    }
    if (known != null) {
      throw new ImageException(
          "the image "
              + image
              + " of the store is for "
              + known.config().platform()
              + "; from its registry: lamina pull --platform "
              + platform
              + " docker://"
              + image);
    }
    throw isNotThere(location);
  }

  private static ImageException isNotThere(ImageLocation location) {
    return new ImageException(
        "there is no image "
            + location.name()
            + " in the store; from its registry: lamina pull docker://"
            + location.name());
  }

  /**
   * Brings in what is there.
   *
   * @param name that it gets; null for the one it has there, if any
   * @throws ImageException when it is a name of the store's
   */
  public StoredImage bring(ImageLocation location, String name) throws IOException {
    return bring(location, name, true);
  }

  /**
   * Brings in what is there for a mount: a file that is mounted takes no other image's name away,
   * and so perhaps its last one.
   */
  public StoredImage bringToUse(ImageLocation location) throws IOException {
    return bring(location, null, false);
  }

  private StoredImage bring(ImageLocation location, String name, boolean takesNames)
      throws IOException {
    return switch (location.kind()) {
      case OCI_LAYOUT, OCI_ARCHIVE, DOCKER_ARCHIVE, SKOPEO_DIRECTORY -> {
        try (ImageSource source = location.source(temporary())) {
          String own = name != null ? name : location.nameFor(source);
          boolean isFree = takesNames || own == null || store.findImage(own) == null;
          yield store.pull(source, platform, isFree ? own : null);
        }
      }
      case REGISTRY -> fromRegistry(ImageReference.parse(location.name()), name);
      case ROOTFS_DIRECTORY, ROOTFS_TAR -> importTree(location, name, List.of());
      case NAME -> throw isNotThere(location);
    };
  }

  private StoredImage fromRegistry(ImageReference reference, String name) throws IOException {
    // What is read is counted where it is written.
    try (RegistryClient client = new RegistryClient(registry, Progress.NONE);
        ImageSource source = client.source(reference)) {
      return store.pull(source, platform, name != null ? name : reference.toString());
    }
  }

  /** For copies of archives that cannot be read where they lie. */
  public static Path temporary() {
    String directory = System.getenv("TMPDIR");
    return Path.of(directory == null || directory.isEmpty() ? "/var/tmp" : directory);
  }

  private static void pack(Path directory, NewLayer layer) throws IOException {
    try (LayerStack stack = OpenLayers.of(List.of(directory))) {
      new TreeTar(stack, new TarOptions(Console::error)).writeTo(layer.tar());
    }
  }

  private static void unpack(Path archive, NewLayer layer) throws IOException {
    try (InputStream file = Files.newInputStream(archive);
        InputStream tar = Compression.decompressed(file)) {
      tar.transferTo(layer.tar());
    }
  }

  /** An image of one layer. */
  private StoredImage base(
      WrittenLayer layer, ImageLocation location, String name, List<String> changes)
      throws IOException {
    Descriptor blob = layer.descriptor();
    // A location has bytes as characters; documents are text.
    String origin = new String(location.toString().getBytes(ISO_8859_1), UTF_8);
    History step = new History(CreationTime.time(), "lamina import " + origin, null, null, false);
    ImageConfig config = ImageConfig.empty(platform).withLayer(layer.diffId(), step, null);
    // Whether it can be unpacked is better known now than when it is needed.
    return store.add(ConfigChanges.apply(config, changes), List.of(blob), name, true);
  }

  /**
   * Makes an image of one layer from a root file system.
   *
   * @param changes to the configuration, as docker import takes them
   */
  public StoredImage importTree(ImageLocation location, String name, List<String> changes)
      throws IOException {
    Store.checkName(name);
    try (NewLayer layer = store.newLayer(LayerCompression.GZIP)) {
      if (Files.isDirectory(location.path())) {
        pack(location.path(), layer);
      } else {
        unpack(location.path(), layer);
      }
      return base(layer.commit(), location, name, changes);
    }
  }
}
