package dev.lamina.cli.tree;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lamina.image.Json;
import java.util.List;

/**
 * A forest in JSON, for programs: trees of runs of layers. Layers that lie on each other without a
 * branch are a list, not objects within objects, because readers of JSON have limits to the depth
 * (Jackson 1000, older jq 256) that images of many layers would exceed.
 */
public final class JsonTree {
  private JsonTree() {}

  public static ObjectNode of(Forest forest) {
    ObjectNode object = Json.object();
    runs(forest.roots(), object.putArray("trees"));
    images(forest.withoutLayers(), object.putArray("withoutLayers"));
    Summary summary = forest.summary();
    object
        .putObject("summary")
        .put("images", summary.images())
        .put("layers", summary.layers())
        .put("size", summary.stored().bytes())
        .put("sharedSize", summary.shared().bytes())
        .put("sizeApart", summary.apart().bytes());
    return object;
  }

  private static void runs(List<Run> runs, ArrayNode array) {
    for (Run run : runs) {
      ObjectNode object = array.addObject();
      ArrayNode layers = object.putArray("layers");
      run.layers().forEach(layer -> layers.add(layer(layer)));
      images(run.images(), object.putArray("images"));
      runs(run.children(), object.putArray("children"));
    }
  }

  private static ObjectNode layer(Layer layer) {
    return Json.object()
        .put("diffId", layer.diffId().toString())
        .put("chainId", layer.chainId().toString())
        .put("size", layer.size().bytes())
        .put("unpacked", layer.size().isExact())
        .put("totalSize", layer.total().bytes())
        .put("images", layer.images())
        .put("created", layer.step() == null ? null : layer.step().created())
        .put("createdBy", layer.step() == null ? null : layer.step().createdBy())
        .put("comment", layer.step() == null ? null : layer.step().comment());
  }

  private static void images(List<Image> images, ArrayNode array) {
    for (Image image : images) {
      ObjectNode object =
          array
              .addObject()
              .put("id", image.id().toString())
              .put("digest", image.manifest().toString())
              .put("size", image.size().bytes())
              .put("sharedSize", image.shared().bytes());
      object.set("names", Json.array(image.names()));
      ArrayNode mounts = object.putArray("mounts");
      for (Mount mount : image.mounts()) {
        mounts
            .addObject()
            .put("name", mount.name())
            .put("mounted", mount.place() != null)
            .put("readOnly", mount.isReadOnly())
            .put("mountPoint", mount.place());
      }
    }
  }
}
