package dev.lamina.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An image's configuration (OCI image specification, image configuration). It keeps the document
 * that it was read from, so that configurations derived from it keep the fields of other tools.
 *
 * <p>Instances are immutable; the {@code with…} methods return new ones.
 */
public final class ImageConfig {
  private static final String WHAT = "the image's configuration";

  private final ObjectNode document;
  private final Platform platform;
  private final List<Digest> diffIds;
  private final List<History> history;

  private ImageConfig(ObjectNode document) throws ImageException {
    this.document = document;
    platform = Platform.of(WHAT, document);
    List<Digest> ids = new ArrayList<>();
    for (String id : Json.list(WHAT, Json.object(WHAT, document, "rootfs"), "diff_ids")) {
      ids.add(Digest.parse(id));
    }
    diffIds = List.copyOf(ids);
    List<History> steps = new ArrayList<>();
    for (JsonNode step : Json.elements(WHAT, document, "history")) {
      steps.add(History.of(WHAT, step));
    }
    history = List.copyOf(steps);
    settings();
  }

  /** Reads a configuration. */
  public static ImageConfig parse(byte[] bytes) throws ImageException {
    return new ImageConfig(Json.parse(WHAT, bytes));
  }

  /** Returns the configuration of an image without layers. */
  public static ImageConfig empty(Platform platform) {
    ObjectNode document = platform.json();
    document.putObject("config");
    document.putObject("rootfs").put("type", "layers").putArray("diff_ids");
    document.putArray("history");
    return made(document);
  }

  /** Returns the configuration of a document that this class made, which is valid. */
  private static ImageConfig made(ObjectNode document) {
    try {
      return new ImageConfig(document);
    } catch (ImageException e) {
      throw new IllegalStateException(e);
    }
  }

  public Platform platform() {
    return platform;
  }

  /** Returns the digests of the layers' uncompressed tars, bottommost first. */
  public List<Digest> diffIds() {
    return diffIds;
  }

  /** Returns the steps, oldest first. The list may be empty for an image with layers, too. */
  public List<History> history() {
    return history;
  }

  /** Returns the date and time in the form of RFC 3339, or null if it is missing. */
  public String created() {
    return textOrNull("created");
  }

  /** Returns the author, or null if there is none. */
  public String author() {
    return textOrNull("author");
  }

  private String textOrNull(String field) {
    return document.path(field).textValue();
  }

  /** Returns the settings for running a container of the image. */
  public RunSettings settings() throws ImageException {
    ObjectNode config = Json.object(WHAT, document, "config");
    String user = Json.text(WHAT, config, "User");
    String directory = Json.text(WHAT, config, "WorkingDir");
    String signal = Json.text(WHAT, config, "StopSignal");
    return new RunSettings(
        Json.list(WHAT, config, "Env"),
        Json.list(WHAT, config, "Entrypoint"),
        Json.list(WHAT, config, "Cmd"),
        user == null ? "" : user,
        directory == null ? "" : directory,
        signal == null ? "" : signal,
        Json.texts(WHAT, config, "Labels"));
  }

  /**
   * Returns the configuration with one more layer on top.
   *
   * @param author of the image; null to keep the one it has
   */
  public ImageConfig withLayer(Digest diffId, History step, String author) {
    ObjectNode copy = document.deepCopy();
    if (step.created() != null) {
      copy.put("created", step.created());
    }
    if (author != null) {
      copy.put("author", author);
    }
    child(copy, "rootfs").put("type", "layers").withArray("/diff_ids").add(diffId.toString());
    if (!(copy.get("history") instanceof ArrayNode)) {
      copy.putArray("history");
    }
    copy.withArray("/history").add(step.json());
    // These describe the container from which the parent image was committed.
    copy.remove(List.of("container", "container_config", "id", "parent"));
    return made(copy);
  }

  /** Returns the configuration with some fields of its {@code config} object replaced. */
  public ImageConfig withSettings(Map<String, JsonNode> changes) throws ImageException {
    ObjectNode copy = document.deepCopy();
    child(copy, "config").setAll(changes);
    return new ImageConfig(copy);
  }

  private static ObjectNode child(ObjectNode parent, String field) {
    return parent.get(field) instanceof ObjectNode object ? object : parent.putObject(field);
  }

  /** Returns a copy of the document. */
  public ObjectNode json() {
    return document.deepCopy();
  }

  /** Returns the document's bytes. Equal configurations have equal bytes. */
  public byte[] bytes() {
    return Json.bytes(document);
  }
}
