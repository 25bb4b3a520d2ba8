package dev.lamina.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A list of manifests: those of one image for several platforms, or those of all images in a layout
 * (OCI image specification, index; Docker's manifest list).
 */
public record Index(String mediaType, List<Descriptor> manifests) {
  private static final String WHAT = "the index";

  /** Creates an OCI index. */
  public Index(List<Descriptor> manifests) {
    this(MediaTypes.INDEX, manifests);
  }

  /**
   * Reads an index.
   *
   * @param mediaType under which it was received; empty if none was given
   */
  public static Index parse(String mediaType, byte[] bytes) throws ImageException {
    ObjectNode object = Json.parse(WHAT, bytes);
    String type = Manifest.typeOf(mediaType, object);
    if (!MediaTypes.isIndex(type)) {
      throw new ImageException(
          "the document is not an index: its media type is " + Messages.quote(type));
    }
    if (object.has("layers") || object.has("config")) {
      throw new ImageException(
          "the index has the field layers or config, which only a manifest may have");
    }
    List<Descriptor> manifests = new ArrayList<>();
    for (JsonNode manifest : Json.elements(WHAT, object, "manifests")) {
      manifests.add(Descriptor.of(WHAT, manifest));
    }
    return new Index(type, manifests);
  }

  /** Returns true if a document is an index. Its media type may be empty. */
  public static boolean isIndex(String mediaType, byte[] bytes) throws ImageException {
    return MediaTypes.isIndex(Manifest.typeOf(mediaType, Json.parse("the manifest", bytes)));
  }

  /**
   * Returns the manifest that suits a platform best, the first of several equally good ones.
   *
   * @throws ImageException if there is none; the message lists the platforms of the image
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
          "the image does not support the platform " + wanted + "; it supports: " + platforms());
    }
    return best;
  }

  private String platforms() {
    String all =
        manifests.stream()
            .filter(manifest -> manifest.platform() != null)
            .map(manifest -> Messages.quote(manifest.platform().toString()))
            .distinct()
            .limit(20)
            .collect(Collectors.joining(", "));
    return all.isEmpty() ? "no named platform" : all;
  }

  /** Returns the index as a document. */
  public byte[] bytes() {
    ObjectNode object = Json.object().put("schemaVersion", 2).put("mediaType", mediaType);
    ArrayNode all = object.putArray("manifests");
    manifests.forEach(manifest -> all.add(manifest.json()));
    return Json.bytes(object);
  }
}
