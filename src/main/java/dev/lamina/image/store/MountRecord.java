package dev.lamina.image.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import dev.lamina.image.file.HostPaths;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Describes a mount: how to mount it again, and what may not be removed meanwhile.
 *
 * @param image the name that the image was mounted by, for people
 * @param manifest the digest of the image's manifest
 * @param config the digest of the image's configuration, which a commit extends
 * @param layers diff IDs, topmost first
 * @param upper null for a read-only mount
 * @param work null for a read-only mount
 * @param mountPoint where it is, or was last
 * @param created RFC 3339
 */
public record MountRecord(
    String name,
    String image,
    Digest manifest,
    Digest config,
    List<Digest> layers,
    Path upper,
    Path work,
    Path mountPoint,
    String created) {
  private static final String WHAT = "the record of a mount";

  public boolean isReadOnly() {
    return upper == null;
  }

  /** Returns whether this is the same mount as another record of its name, on any directory. */
  boolean isOf(MountRecord other) {
    return withMountPoint(other.mountPoint).equals(other);
  }

  MountRecord withUpper(Path otherUpper, Path otherWork) {
    return new MountRecord(
        name, image, manifest, config, layers, otherUpper, otherWork, mountPoint, created);
  }

  MountRecord withMountPoint(Path other) {
    return new MountRecord(name, image, manifest, config, layers, upper, work, other, created);
  }

  static MountRecord parse(byte[] json) throws ImageException {
    ObjectNode object = Json.parse(WHAT, json);
    List<Digest> layers = new ArrayList<>();
    for (String layer : Json.list(WHAT, object, "layers")) {
      layers.add(Digest.parse(layer));
    }
    return new MountRecord(
        Json.required(WHAT, object, "name"),
        Json.required(WHAT, object, "image"),
        Digest.parse(Json.required(WHAT, object, "manifest")),
        Digest.parse(Json.required(WHAT, object, "config")),
        layers,
        path(object, "upper"),
        path(object, "work"),
        path(object, "mountPoint"),
        Json.required(WHAT, object, "created"));
  }

  private static Path path(JsonNode object, String field) throws ImageException {
    String text = Json.text(WHAT, object, field);
    return text == null ? null : HostPaths.path(text);
  }

  byte[] json() {
    ObjectNode object =
        Json.object()
            .put("name", name)
            .put("image", image)
            .put("manifest", manifest.toString())
            .put("config", config.toString());
    object.set("layers", Json.array(layers.stream().map(Digest::toString).toList()));
    if (upper != null) {
      object.put("upper", HostPaths.text(upper)).put("work", HostPaths.text(work));
    }
    if (mountPoint != null) {
      object.put("mountPoint", HostPaths.text(mountPoint));
    }
    return Json.bytes(object.put("created", created));
  }
}
