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

/** {@code lamina push}. */
@Command(
    name = "push",
    description = {
      "Sends an image of the store to a registry, or writes it elsewhere.",
      "DESTINATION is docker://NAME, oci:DIR[:TAG], oci-archive:FILE[:TAG] or",
      "docker-archive:FILE[:NAME]; without it, the image's name says which registry."
    })
final class PushCommand extends StoreCommand {
  @Parameters(index = "0", paramLabel = "IMAGE", description = "A name or an ID.")
  private String name;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "DESTINATION",
      description = "Where it is sent to.")
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

  /** Other images of the store that have the same contents: they may be in that registry. */
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
      // A name of the store's alone.
      return;
    }
  }
}
