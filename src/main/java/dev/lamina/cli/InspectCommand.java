package dev.lamina.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.Json;
import dev.lamina.image.store.ImageMounts;
import dev.lamina.image.store.MountRecord;
import dev.lamina.image.store.Store;
import dev.lamina.image.store.StoredImage;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The command {@code lamina inspect}, which shows an image or a mount as JSON. */
@Command(name = "inspect", description = "Show the details of an image or a mount as JSON.")
final class InspectCommand extends StoreCommand {
  @Parameters(
      paramLabel = "IMAGE|MOUNT",
      description = "The name or ID of an image, or the name or directory of a mount.")
  private String name;

  @Override
  int run() throws Exception {
    try (Store store = Store.open(root.directory())) {
      ImageMounts mounts = store.mounts();
      MountRecord mount = mounts.find(name);
      print(mount != null ? mount(mounts, mount) : image(store.images().get(name)));
    }
    return ExitCode.OK;
  }

  private static ObjectNode image(StoredImage image) {
    ObjectNode object =
        Json.object()
            .put("id", image.id().toString())
            .put("digest", image.descriptor().digest().toString())
            .put("mediaType", image.manifest().mediaType());
    object.set("names", Json.array(image.names()));
    ArrayNode layers = object.putArray("layers");
    for (int i = 0; i < image.manifest().layers().size(); i++) {
      Descriptor blob = image.manifest().layers().get(i);
      layers
          .addObject()
          .put("diffId", image.config().diffIds().get(i).toString())
          .put("digest", blob.digest().toString())
          .put("mediaType", blob.mediaType())
          .put("size", blob.size());
    }
    object.set("config", image.config().json());
    return object;
  }

  static ObjectNode mount(ImageMounts mounts, MountRecord mount) throws IOException {
    ObjectNode object =
        Json.object()
            .put("name", mount.name())
            .put("image", mount.image())
            .put("digest", mount.manifest().toString())
            .put("mounted", mounts.isServed(mount))
            .put("mountPoint", mount.mountPoint().toString())
            .put("readOnly", mount.isReadOnly())
            .put("created", mount.created());
    if (!mount.isReadOnly()) {
      object.put("upper", mount.upper().toString()).put("work", mount.work().toString());
    }
    ArrayNode layers = JsonNodeFactory.instance.arrayNode();
    for (Digest layer : mount.layers()) {
      layers.add(layer.toString());
    }
    object.set("layers", layers);
    return object;
  }
}
