package dev.lamina.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An image's configuration (OCI image specification, image configuration). It keeps the document it
 * was read from, so that what other tools put into it is still there in what is made from it.
 *
 * <p>Not changed once made; {@code with…} gives another one.
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

  public static ImageConfig parse(byte[] bytes) throws ImageException {
    return new ImageConfig(Json.parse(WHAT, bytes));
  }

  /** Of an image without layers. */
  public static ImageConfig empty(Platform platform) {
    ObjectNode document = platform.json();
    document.putObject("config");
    document.putObject("rootfs").put("type", "layers").putArray("diff_ids");
    document.putArray("history");
    return made(document);
  }

  /** Of a document that this class wrote. */
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

  /** Digests of the layers' uncompressed tars, bottommost first. */
  public List<Digest> diffIds() {
    return diffIds;
  }

  /** Oldest first; may be empty, whatever the layers. */
  public List<History> history() {
    return history;
  }

  /** RFC 3339; null where it is not told. */
  public String created() {
    return textOrNull("created");
  }

  /** Null where it is not told. */
  public String author() {
    return textOrNull("author");
  }

  private String textOrNull(String field) {
    return document.path(field).textValue();
  }

  /** What a container of the image is run with. */
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
   * With one more layer on top.
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
    // Of the container that the parent was committed from, which this is not of.
    copy.remove(List.of("container", "container_config", "id", "parent"));
    return made(copy);
  }

  /** With other settings, given by their names in the document's {@code config}. */
  public ImageConfig withSettings(Map<String, JsonNode> changes) throws ImageException {
    ObjectNode copy = document.deepCopy();
    child(copy, "config").setAll(changes);
    return new ImageConfig(copy);
  }

  private static ObjectNode child(ObjectNode parent, String field) {
    return parent.get(field) instanceof ObjectNode object ? object : parent.putObject(field);
  }

  /** A copy of the document. */
  public ObjectNode json() {
    return document.deepCopy();
  }

  /** The document's bytes; the same configuration has the same ones. */
  public byte[] bytes() {
    return Json.bytes(document);
  }
}
