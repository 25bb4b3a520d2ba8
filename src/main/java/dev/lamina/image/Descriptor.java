package dev.lamina.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/**
 * A reference to content by its digest (OCI image specification, descriptor).
 *
 * @param mediaType empty if it is not given
 * @param size in bytes
 * @param urls from which the content can be downloaded as well
 * @param platform of the image that an entry of an index refers to; null if it is not given
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

  /** Returns the descriptor of content. */
  public static Descriptor of(String mediaType, byte[] content) {
    return new Descriptor(mediaType, Digest.of(content), content.length);
  }

  /**
   * Reads a descriptor.
   *
   * @param what the document that contains it, for messages: "the manifest"
   */
  public static Descriptor of(String what, JsonNode node) throws ImageException {
    if (node == null || !node.isObject()) {
      throw new ImageException(what + " has no valid descriptor where one is required");
    }
    JsonNode size = node.get("size");
    if (size == null || !size.isIntegralNumber() || !size.canConvertToLong()) {
      throw Json.wrong(what, "size", "a number of bytes");
    }
    if (size.longValue() < 0) {
      throw new ImageException(what + " has a descriptor with a negative size");
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

  /** Returns this descriptor as it is written in a document. */
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
   * Checks content against this descriptor.
   *
   * @throws ImageException if its size or digest is another one
   */
  public void verify(byte[] content) throws ImageException {
    verify(Digest.of(digest.algorithm(), digest.start().digest(content)), content.length);
  }

  /**
   * Checks the digest and the number of bytes of content against this descriptor.
   *
   * @throws ImageException if one of them differs
   */
  public void verify(Digest found, long bytes) throws ImageException {
    if (bytes != size) {
      throw new ImageException(
          "the content of " + digest + " has " + bytes + " bytes instead of " + size);
    }
    if (!found.equals(digest)) {
      throw new ImageException("the content of " + digest + " is wrong: its digest is " + found);
    }
  }

  /**
   * Checks that content of which some bytes are known to exist is not too long.
   *
   * @throws ImageException if the descriptor gives fewer bytes
   */
  public void checkFits(long bytes) throws ImageException {
    if (bytes > size) {
      throw new ImageException("the content of " + digest + " has more than " + size + " bytes");
    }
  }
}
