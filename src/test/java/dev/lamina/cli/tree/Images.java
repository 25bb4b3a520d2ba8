package dev.lamina.cli.tree;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.History;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import dev.lamina.image.Manifest;
import dev.lamina.image.MediaTypes;
import dev.lamina.image.Platform;
import dev.lamina.image.store.LayerInfo;
import dev.lamina.image.store.StoredImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes images whose layers are named by words. A layer has the size that was last set. */
final class Images {
  static final Labels LABELS = new Labels(false, bytes -> bytes + "B");

  private static final Platform PLATFORM = new Platform("linux", "amd64", "");

  /** The size of each blob, whatever its layer is. */
  static final long PACKED = 7;

  private final Map<Digest, Long> sizes = new HashMap<>();

  static Digest diffId(String layer) {
    return Digest.of(layer.getBytes(UTF_8));
  }

  /** Marks a layer as unpacked, with a size. */
  void size(String layer, long bytes) {
    sizes.put(diffId(layer), bytes);
  }

  /** Returns an image whose steps have the names of its layers, bottommost first. */
  static StoredImage image(List<String> names, String... layers) {
    return image(names, "", Arrays.stream(layers).map(layer -> step(layer, null)).toList(), layers);
  }

  /**
   * Returns an image.
   *
   * @param author a text that distinguishes images with the same layers
   */
  static StoredImage image(
      List<String> names, String author, List<History> steps, String... layers) {
    ObjectNode document = ImageConfig.empty(PLATFORM).json().put("author", author);
    ArrayNode diffIds = document.withArray("/rootfs/diff_ids");
    ArrayNode history = document.withArray("/history");
    List<Descriptor> blobs = new ArrayList<>();
    for (int i = 0; i < layers.length; i++) {
      diffIds.add(diffId(layers[i]).toString());
      History step = steps.get(i);
      history
          .addObject()
          .put("created", step.created())
          .put("created_by", step.createdBy())
          .put("comment", step.comment());
      blobs.add(new Descriptor(MediaTypes.LAYER_GZIP, diffId("blob of " + layers[i]), PACKED));
    }
    ImageConfig config = parse(document);
    Descriptor descriptor = Descriptor.of(MediaTypes.CONFIG, config.bytes());
    Manifest manifest = new Manifest(descriptor, blobs);
    return new StoredImage(
        names, Descriptor.of(MediaTypes.MANIFEST, manifest.bytes()), manifest, config);
  }

  static ImageConfig parse(ObjectNode document) {
    try {
      return ImageConfig.parse(Json.bytes(document));
    } catch (ImageException e) {
      throw new AssertionError(e);
    }
  }

  static History step(String createdBy, String comment) {
    return new History("2026-01-02T03:04:05Z", createdBy, null, comment, false);
  }

  ForestBuilder builder() {
    return new ForestBuilder(
        diffId -> {
          Long bytes = sizes.get(diffId);
          return bytes == null ? null : new LayerInfo(1, bytes, true, false);
        });
  }

  Forest forest(StoredImage... images) throws IOException {
    ForestBuilder builder = builder();
    for (StoredImage image : images) {
      builder.add(image);
    }
    return builder.build();
  }

  /** Returns the short form of a layer's ID. */
  static String id(String layer) {
    return diffId(layer).abbreviated();
  }
}
