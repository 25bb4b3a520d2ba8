package dev.lamina.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/**
 * A reference to contents (OCI image specification, descriptor).
 *
 * @param size in bytes
 * @param urls where else the contents can be had
 * @param platform of the image it refers to, in an index; null where it is not told
 */
public record Descriptor(
    String mediaType,
    Digest digest,
    long size,
    List<String> urls,
    Map<String, String> annotations,
    Platform platform) {

  /** The name of an image within a layout (OCI image specification, annotations). */
  public static final String REF_NAME = "org.opencontainers.image.ref.name";

  public Descriptor(String mediaType, Digest digest, long size) {
    this(mediaType, digest, size, List.of(), Map.of(), null);
  }

  /** Of contents that are at hand. */
  public static Descriptor of(String mediaType, byte[] contents) {
    return new Descriptor(mediaType, Digest.of(contents), contents.length);
  }

  /**
   * Reads one.
   *
   * @param what it stands in, for the message: "the manifest"
   */
  public static Descriptor of(String what, JsonNode node) throws ImageException {
    if (node == null || !node.isObject()) {
      throw new ImageException(what + " has no descriptor where one belongs");
    }
    JsonNode size = node.get("size");
    if (size == null || !size.isIntegralNumber() || !size.canConvertToLong()) {
      throw Json.wrong(what, "size", "a number of bytes");
    }
    if (size.longValue() < 0) {
      throw new ImageException(what + " has contents of a negative size");
    }
    JsonNode platform = node.get("platform");
    String mediaType = Json.text(what, node, "mediaType");
    return new Descriptor(
        mediaType == null ? "" : mediaType,
        Digest.parse(Json.required(what, node, "digest")),
        size.longValue(),
        Json.list(what, node, "urls"),
        Json.texts(what, node, "annotations"),
        platform == null || !platform.isObject() ? null : Platform.of(what, platform));
  }

  public Descriptor withAnnotations(Map<String, String> others) {
    return new Descriptor(mediaType, digest, size, urls, Map.copyOf(others), platform);
  }

  /** As it stands in a document. */
  public ObjectNode json() {
    ObjectNode object =
        Json.object()
            .put("mediaType", mediaType)
            .put("digest", digest.toString())
            .put("size", size);
    if (!urls.isEmpty()) {
      object.set("urls", Json.array(urls));
    }
    if (!annotations.isEmpty()) {
      ObjectNode all = object.putObject("annotations");
      annotations.entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(entry -> all.put(entry.getKey(), entry.getValue()));
    }
    if (platform != null) {
      object.set("platform", platform.json());
    }
    return object;
  }

  /**
   * Checks contents against it.
   *
   * @throws ImageException when they are others
   */
  public void verify(byte[] contents) throws ImageException {
    if (contents.length != size) {
      throw new ImageException(
          digest + " has " + contents.length + " bytes, and " + size + " were announced");
    }
    Digest found = Digest.of(digest.algorithm(), digest.start().digest(contents));
    if (!found.equals(digest)) {
      throw new ImageException("what should be " + digest + " is " + found);
    }
  }
}
