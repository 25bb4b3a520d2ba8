package dev.lamina.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON documents of images. They come from others: each is bounded in size and depth, a name that
 * stands twice in an object is an error (two readers could take two values), and a field of the
 * wrong kind is one that the message names.
 */
public final class Json {
  /** What registries and other tools allow for a manifest, in bytes; configurations are smaller. */
  public static final int LONGEST = 4 << 20;

  private static final int DEEPEST = 64;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              com.fasterxml.jackson.core.JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(DEEPEST)
                          .maxStringLength(LONGEST)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  /**
   * Reads an object.
   *
   * @param what it is, for the message: "the manifest"
   */
  public static ObjectNode parse(String what, byte[] bytes) throws ImageException {
    if (read(what, bytes) instanceof ObjectNode object) {
      return object;
    }
    throw new ImageException(what + " is not a JSON object");
  }

  /** Reads a list, which {@code docker save} puts its images into. */
  public static ArrayNode parseList(String what, byte[] bytes) throws ImageException {
    if (read(what, bytes) instanceof ArrayNode array) {
      return array;
    }
    throw new ImageException(what + " is not a JSON list");
  }

  private static JsonNode read(String what, byte[] bytes) throws ImageException {
    if (bytes.length > LONGEST) {
      throw new ImageException(
          what + " is too large: " + bytes.length + " bytes of " + LONGEST + " allowed");
    }
    try {
      return MAPPER.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw new ImageException(what + " is not valid JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new ImageException(what + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** The document's bytes: the fields in their order, without blanks. */
  public static byte[] bytes(JsonNode node) {
    try {
      return MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The document with an indented line for each field, as people read it. */
  public static String pretty(JsonNode node) {
    return node.toPrettyString();
  }

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** A text; null where there is none. */
  public static String text(String what, JsonNode object, String field) throws ImageException {
    JsonNode value = object.get(field);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isTextual()) {
      throw wrong(what, field, "a text");
    }
    return value.textValue();
  }

  /** A text that must be there. */
  public static String required(String what, JsonNode object, String field) throws ImageException {
    String value = text(what, object, field);
    if (value == null) {
      throw new ImageException(what + " has no " + field);
    }
    return value;
  }

  /** Texts by name, in their order; empty where there are none. */
  static Map<String, String> texts(String what, JsonNode object, String field)
      throws ImageException {
    Map<String, String> all = new LinkedHashMap<>();
    JsonNode value = object.get(field);
    if (value == null || value.isNull()) {
      return all;
    }
    if (!value.isObject()) {
      throw wrong(what, field, "an object");
    }
    for (Map.Entry<String, JsonNode> entry : value.properties()) {
      if (!entry.getValue().isTextual()) {
        throw wrong(what, field, "an object of texts");
      }
      all.put(entry.getKey(), entry.getValue().textValue());
    }
    return all;
  }

  /** A list of texts; empty where there is none. */
  public static List<String> list(String what, JsonNode object, String field)
      throws ImageException {
    List<String> all = new ArrayList<>();
    for (JsonNode element : elements(what, object, field)) {
      if (!element.isTextual()) {
        throw wrong(what, field, "a list of texts");
      }
      all.add(element.textValue());
    }
    return all;
  }

  /** A list's elements; none where there is no list. */
  public static Iterable<JsonNode> elements(String what, JsonNode object, String field)
      throws ImageException {
    JsonNode value = object.get(field);
    if (value == null || value.isNull()) {
      return List.of();
    }
    if (!value.isArray()) {
      throw wrong(what, field, "a list");
    }
    return value;
  }

  /** An object; an empty one where there is none. */
  public static ObjectNode object(String what, JsonNode parent, String field)
      throws ImageException {
    JsonNode value = parent.get(field);
    if (value == null || value.isNull()) {
      return object();
    }
    if (value instanceof ObjectNode object) {
      return object;
    }
    throw wrong(what, field, "an object");
  }

  public static ArrayNode array(List<String> texts) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    texts.forEach(array::add);
    return array;
  }

  /** For a field that is there, but not as it should be. */
  public static ImageException wrong(String what, String field, String kind) {
    return new ImageException(what + ": " + field + " is not " + kind);
  }
}
