package dev.lamina.cli.tree;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import java.util.List;

/**
 * Writes a forest as JSON for programs, as trees of runs of layers. Layers on each other without a
 * branch are a list and not nested objects, because parsers limit the depth of JSON (Jackson to
 * 1000, older versions of jq to 256), and images of many layers would exceed that.
 */
public final class JsonTree {
  /** The limit to the depth of runs, each of which takes two levels of JSON. */
  static final int DEEPEST = 400;

  private JsonTree() {}

  /**
   * Returns a forest as a JSON object.
   *
   * @throws ImageException when so many images are built on each other that parsers would refuse it
   */
  public static ObjectNode of(Forest forest) throws ImageException {
    ObjectNode object = Json.object();
    runs(forest.roots(), object.putArray("trees"), 1);
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

  private static void runs(List<Run> runs, ArrayNode array, int depth) throws ImageException {
    if (depth > DEEPEST && !runs.isEmpty()) {
      throw new ImageException(
          "more than "
              + DEEPEST
              + " images are built on each other, which JSON parsers would refuse as too deep: use"
              + " --format text");
    }
    for (Run run : runs) {
      ObjectNode object = array.addObject();
      ArrayNode layers = object.putArray("layers");
      run.layers().forEach(layer -> layers.add(layer(layer)));
      images(run.images(), object.putArray("images"));
      runs(run.children(), object.putArray("children"), depth + 1);
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
