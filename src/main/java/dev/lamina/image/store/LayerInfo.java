package dev.lamina.image.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;

/**
 * What is known of an unpacked layer without looking into it.
 *
 * @param entries of the archive it came from
 * @param bytes of all its files together
 * @param hasRoot whether it says what the root directory's attributes are
 * @param hidesBelow whether its root is opaque: nothing of the layers below it shows
 */
public record LayerInfo(long entries, long bytes, boolean hasRoot, boolean hidesBelow) {
  private static final String WHAT = "what is known of a layer";

  static LayerInfo parse(byte[] json) throws ImageException {
    ObjectNode object = Json.parse(WHAT, json);
    return new LayerInfo(
        object.path("entries").asLong(),
        object.path("bytes").asLong(),
        object.path("hasRoot").asBoolean(),
        object.path("hidesBelow").asBoolean());
  }

  byte[] json() {
    return Json.bytes(
        Json.object()
            .put("entries", entries)
            .put("bytes", bytes)
            .put("hasRoot", hasRoot)
            .put("hidesBelow", hidesBelow));
  }
}
