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
 * Reads and writes the JSON documents of images. Documents are not trusted: their size and depth
 * are limited, a name that occurs twice in an object is an error (two programs could read two
 * values), and so is a field of the wrong type, which the message names.
 */
public final class Json {
  /**
   * The limit of registries and other tools for a manifest, in bytes. Configurations are smaller.
   */
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
   * @param what the document, for messages: "the manifest"
   */
  public static ObjectNode parse(String what, byte[] bytes) throws ImageException {
    if (read(what, bytes) instanceof ObjectNode object) {
      return object;
    }
    throw new ImageException(what + " is not a JSON object");
  }

  /** Reads a list, the form of the {@code manifest.json} that {@code docker save} writes. */
  public static ArrayNode parseList(String what, byte[] bytes) throws ImageException {
    if (read(what, bytes) instanceof ArrayNode array) {
      return array;
    }
    throw new ImageException(what + " is not a JSON list");
  }

  private static JsonNode read(String what, byte[] bytes) throws ImageException {
    if (bytes.length > LONGEST) {
      throw new ImageException(
          what + " is too large: it has " + bytes.length + " bytes, more than " + LONGEST);
    }
    try {
      return MAPPER.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw new ImageException(what + " is not valid JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new ImageException(what + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Returns a document's bytes: the fields in their order, without white space. */
  public static byte[] bytes(JsonNode node) {
    try {
      return MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns a document with an indented line for each field, for people to read. */
  public static String pretty(JsonNode node) {
    return node.toPrettyString();
  }

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** Returns a string field, or null if it is missing. */
  public static String text(String what, JsonNode object, String field) throws ImageException {
    JsonNode value = object.get(field);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isTextual()) {
      throw wrong(what, field, "a string");
    }
    return value.textValue();
  }

  /** Returns a string field that must exist. */
  public static String required(String what, JsonNode object, String field) throws ImageException {
    String value = text(what, object, field);
    if (value == null) {
      throw new ImageException(what + " has no field " + field);
    }
    return value;
  }

  /** Returns an object whose fields are strings, in their order; an empty map if it is missing. */
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
        throw wrong(what, field, "an object of strings");
      }
      all.put(entry.getKey(), entry.getValue().textValue());
    }
    return all;
  }

  /** Returns a list of strings; an empty list if the field is missing. */
  public static List<String> list(String what, JsonNode object, String field)
      throws ImageException {
    List<String> all = new ArrayList<>();
    for (JsonNode element : elements(what, object, field)) {
      if (!element.isTextual()) {
        throw wrong(what, field, "a list of strings");
      }
      all.add(element.textValue());
    }
    return all;
  }

  /** Returns the elements of a list; none if the field is missing. */
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

  /** Returns an object field; an empty object if it is missing. */
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

  /** Returns the exception for a field of the wrong type. */
  public static ImageException wrong(String what, String field, String kind) {
    return new ImageException(what + ": the field " + field + " is not " + kind);
  }
}
