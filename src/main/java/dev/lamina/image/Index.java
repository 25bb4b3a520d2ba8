package dev.lamina.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A list of manifests: of one image for several platforms, or of all images of a layout (OCI image
 * specification, index; Docker's manifest list).
 */
public record Index(String mediaType, List<Descriptor> manifests) {
  private static final String WHAT = "the index";

  /** An OCI index. */
  public Index(List<Descriptor> manifests) {
    this(MediaTypes.INDEX, manifests);
  }

  /**
   * @param mediaType that it was given under; empty where it is not told
   */
  public static Index parse(String mediaType, byte[] bytes) throws ImageException {
    ObjectNode object = Json.parse(WHAT, bytes);
    String type = Manifest.typeOf(mediaType, object);
    if (!MediaTypes.isIndex(type)) {
      throw new ImageException("not an index but " + Words.quote(type));
    }
    if (object.has("layers") || object.has("config")) {
      throw new ImageException("the index claims to be a manifest as well");
    }
    List<Descriptor> manifests = new ArrayList<>();
    for (JsonNode manifest : Json.elements(WHAT, object, "manifests")) {
      manifests.add(Descriptor.of(WHAT, manifest));
    }
    return new Index(type, manifests);
  }

  /** True when a document, given under a media type that may be empty, is an index. */
  public static boolean isIndex(String mediaType, byte[] bytes) throws ImageException {
    return MediaTypes.isIndex(Manifest.typeOf(mediaType, Json.parse("the manifest", bytes)));
  }

  /**
   * The manifest that suits a platform best; of several equally good ones the first.
   *
   * @throws ImageException when none does; the message says which there are
   */
  public Descriptor choose(Platform wanted) throws ImageException {
    Descriptor best = null;
    int bestSuits = -1;
    for (Descriptor manifest : manifests) {
      int suits = manifest.platform() == null ? -1 : manifest.platform().suits(wanted);
      if (suits > bestSuits) {
        best = manifest;
        bestSuits = suits;
      }
    }
    if (best == null && manifests.size() == 1 && manifests.get(0).platform() == null) {
      best = manifests.get(0);
    }
    if (best == null) {
      throw new ImageException(
          "the image is not there for " + wanted + ", but for: " + platforms());
    }
    return best;
  }

  private String platforms() {
    String all =
        manifests.stream()
            .filter(manifest -> manifest.platform() != null)
            .map(manifest -> Words.quote(manifest.platform().toString()))
            .distinct()
            .limit(20)
            .collect(Collectors.joining(", "));
    return all.isEmpty() ? "nothing that it names" : all;
  }

  public byte[] bytes() {
    ObjectNode object = Json.object().put("schemaVersion", 2).put("mediaType", mediaType);
    ArrayNode all = object.putArray("manifests");
    manifests.forEach(manifest -> all.add(manifest.json()));
    return Json.bytes(object);
  }
}
