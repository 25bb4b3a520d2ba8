package dev.lamina.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The manifest of one image for one platform (OCI image specification, manifest; Docker's manifest
 * version 2, schema 2).
 *
 * @param layers bottommost first
 */
public record Manifest(
    String mediaType, Descriptor config, List<Descriptor> layers, Map<String, String> annotations) {
  /** More than any tool makes (Docker's limit is 127) and more than overlayfs can mount. */
  private static final int MOST_LAYERS = 1000;

  private static final String WHAT = "the manifest";

  /** Creates an OCI manifest. */
  public Manifest(Descriptor config, List<Descriptor> layers) {
    this(MediaTypes.MANIFEST, config, layers, Map.of());
  }

  /**
   * Reads a manifest.
   *
   * @param mediaType under which it was received; empty if none was given
   */
  public static Manifest parse(String mediaType, byte[] bytes) throws ImageException {
    ObjectNode object = Json.parse(WHAT, bytes);
    String type = typeOf(mediaType, object);
    if (!MediaTypes.isManifest(type)) {
      throw new ImageException(
          "the document is not the manifest of an image: its media type is "
              + Messages.quote(type));
    }
    if (object.has("manifests")) {
      // Two programs must not read one document as two different things (CVE-2021-41190).
      throw new ImageException(
          "the manifest has the field manifests, which only an index may have");
    }
    List<Descriptor> layers = new ArrayList<>();
    for (JsonNode layer : Json.elements(WHAT, object, "layers")) {
      layers.add(Descriptor.of(WHAT, layer));
    }
    if (layers.size() > MOST_LAYERS) {
      throw new ImageException(
          "the manifest has "
              + layers.size()
              + " layers; at most "
              + MOST_LAYERS
              + " are supported");
    }
    return new Manifest(
        type,
        Descriptor.of(WHAT, object.get("config")),
        layers,
        Json.texts(WHAT, object, "annotations"));
  }

  /** Returns the media type of a document that may be a manifest or an index. */
  static String typeOf(String given, ObjectNode object) throws ImageException {
    String own = Json.text("the manifest", object, "mediaType");
    if (own == null) {
      // The field is optional in OCI documents.
      own = object.has("manifests") ? MediaTypes.INDEX : MediaTypes.MANIFEST;
      own = MediaTypes.isIndex(given) || MediaTypes.isManifest(given) ? given : own;
    }
    if (MediaTypes.isSchema1(given) || MediaTypes.isSchema1(own) || isSchema1(object)) {
      throw new ImageException(
          "the image's manifest is in Docker's schema 1, which cannot be verified: convert the"
              + " image by pulling and pushing it with a current tool");
    }
    if (MediaTypes.isIndex(given) != MediaTypes.isIndex(own)
        && (MediaTypes.isIndex(given) || MediaTypes.isManifest(given))) {
      throw new ImageException(
          "the manifest was received as " + given + " but its mediaType is " + Messages.quote(own));
    }
    return own;
  }

  private static boolean isSchema1(ObjectNode object) {
    return object.path("schemaVersion").asInt() == 1 && object.has("fsLayers");
  }

  /** Returns the descriptors of the configuration and the layers. */
  public List<Descriptor> parts() {
    List<Descriptor> parts = new ArrayList<>();
    parts.add(config);
    parts.addAll(layers);
    return parts;
  }

  /** Returns the manifest as a document. Equal manifests have equal bytes. */
  public byte[] bytes() {
    ObjectNode object =
        Json.object()
            .put("schemaVersion", 2)
            .put("mediaType", mediaType)
            .set("config", config.json());
    ArrayNode all = object.putArray("layers");
    layers.forEach(layer -> all.add(layer.json()));
    if (!annotations.isEmpty()) {
      ObjectNode texts = object.putObject("annotations");
      annotations.entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(entry -> texts.put(entry.getKey(), entry.getValue()));
    }
    return Json.bytes(object);
  }
}
