package dev.lamina.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * One step in the history of an image, usually of one layer (OCI image specification, image
 * configuration, "history"). A missing text is null.
 *
 * @param created the date and time in the form of RFC 3339
 * @param isEmptyLayer true if the step made no layer
 */
public record History(
    String created, String createdBy, String author, String comment, boolean isEmptyLayer) {

  static History of(String what, JsonNode node) throws ImageException {
    if (!node.isObject()) {
      throw Json.wrong(what, "history", "a list of objects");
    }
    return new History(
        Json.text(what, node, "created"),
        Json.text(what, node, "created_by"),
        Json.text(what, node, "author"),
        Json.text(what, node, "comment"),
        node.path("empty_layer").asBoolean());
  }

  ObjectNode json() {
    ObjectNode object = Json.object();
    put(object, "created", created);
    put(object, "created_by", createdBy);
    put(object, "author", author);
    put(object, "comment", comment);
    if (isEmptyLayer) {
      object.put("empty_layer", true);
    }
    return object;
  }

  private static void put(ObjectNode object, String field, String text) {
    if (text != null && !text.isEmpty()) {
      object.put(field, text);
    }
  }
}
