package dev.lamina.image.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;

/**
 * Says about an unpacked layer what would otherwise have to be looked up in it.
 *
 * @param entries how many entries its archive had
 * @param bytes the size of all its files together
 * @param hasRoot whether it defines the root directory's attributes
 * @param hidesBelow whether its root is opaque and so hides all layers below it
 */
public record LayerInfo(long entries, long bytes, boolean hasRoot, boolean hidesBelow) {
  private static final String WHAT = "the record of a layer";

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
