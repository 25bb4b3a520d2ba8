package dev.lamina.cli;

import dev.lamina.cli.options.RegistryArguments;
import dev.lamina.image.Descriptor;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.ImageSource;
import dev.lamina.image.ImageTarget;
import dev.lamina.image.archive.ImageLocation;
import dev.lamina.image.registry.RegistryClient;
import dev.lamina.image.store.Images;
import dev.lamina.image.store.Store;
import dev.lamina.image.store.StoredImage;
import dev.lamina.image.transfer.ImagePush;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The command {@code lamina push}, which copies an image out of the store. */
@Command(
    name = "push",
    description = {
      "Push an image of the store to a registry, or write it to a directory or file.",
      "DESTINATION is docker://NAME, oci:DIR[:TAG], oci-archive:FILE[:TAG] or",
      "docker-archive:FILE[:NAME]; by default, the registry that IMAGE names."
    })
final class PushCommand extends StoreCommand {
  @Parameters(index = "0", paramLabel = "IMAGE", description = "The name or ID of an image.")
  private String name;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "DESTINATION",
      description = "The location to push to.")
  private String destination;

  @Mixin private RegistryArguments registry;

  @Override
  int run() throws Exception {
    try (TransferDisplay display = new TransferDisplay();
        Store store = Store.open(root.directory())) {
      Images images = store.images();
      StoredImage image = images.get(name);
      ImageLocation location = ImageLocation.parseTarget(destination == null ? name : destination);
      if (location.isFile()) {
        try (ImageSource source = images.source(image);
            ImageTarget target = location.target()) {
          new ImagePush(display).send(source, target);
        }
        return ExitCode.OK;
      }
      ImageReference reference = ImageReference.parse(location.name());
      if (reference.digest() != null) {
        throw new ImageException("an image is pushed to a tag, not to a digest: " + reference);
      }
      try (RegistryClient client = new RegistryClient(registry.options(), display);
          ImageSource source = images.source(image);
          ImageTarget target = client.target(reference, origins(images))) {
        new ImagePush(display).send(source, target);
      }
    }
    return ExitCode.OK;
  }

  /**
   * Returns a function that gives the names of the images in the store which have the same content.
   * The registry may have it under these names already.
   */
  private static Function<Descriptor, List<ImageReference>> origins(Images images)
      throws IOException {
    List<StoredImage> candidates = images.all();
    return contents -> {
      List<ImageReference> all = new ArrayList<>();
      for (StoredImage image : candidates) {
        if (image.manifest().layers().stream()
            .anyMatch(layer -> layer.digest().equals(contents.digest()))) {
          image.names().forEach(name -> add(all, name));
        }
      }
      return all;
    };
  }

  private static void add(List<ImageReference> all, String name) {
    try {
      all.add(ImageReference.parse(name));
    } catch (ImageException e) {
      // This name is valid only in the store.
      return;
    }
  }
}
