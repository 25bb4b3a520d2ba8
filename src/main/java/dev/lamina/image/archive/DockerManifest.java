package dev.lamina.image.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.Json;
import dev.lamina.image.Messages;
import dev.lamina.image.layout.ImageSelector;
import java.util.ArrayList;
import java.util.List;

/**
 * The {@code manifest.json} of an archive in the format of {@code docker save}: the images and the
 * names of their files.
 */
record DockerManifest(List<Image> images) {
  static final String FILE = "manifest.json";

  private static final String CONFIG = "Config";
  private static final String TAGS = "RepoTags";
  private static final String LAYERS = "Layers";

  /**
   * An image in the archive.
   *
   * @param config name of the configuration's file
   * @param names {@code REPOSITORY:TAG}, short or long
   * @param layers names of the layers' files, bottommost first
   */
  record Image(String config, List<String> names, List<String> layers) {
    boolean isCalled(String wanted) {
      ImageReference reference = ImageSelector.parsedOrNull(wanted);
      for (String name : names) {
        if (name.equals(wanted)
            || reference != null && reference.equals(ImageSelector.parsedOrNull(name))) {
          return true;
        }
      }
      return false;
    }

    String shown() {
      return names.isEmpty()
          ? Messages.quote(config) + " (without a name)"
          : Messages.quote(String.join(", ", names));
    }
  }

  /**
   * Reads the file.
   *
   * @param what the file, for messages
   */
  static DockerManifest parse(String what, byte[] bytes) throws ImageException {
    List<Image> images = new ArrayList<>();
    for (JsonNode entry : Json.parseList(what, bytes)) {
      if (!entry.isObject()) {
        throw new ImageException(what + " is not a list of images");
      }
      images.add(
          new Image(
              Json.required(what, entry, CONFIG),
              Json.list(what, entry, TAGS),
              Json.list(what, entry, LAYERS)));
    }
    return new DockerManifest(images);
  }

  /**
   * Returns the position of an image.
   *
   * @param name a name in short or long form, {@code @N}, or null for the only image
   * @param shown the archive for messages, quoted
   * @throws ImageException if there is no such image or more than one; the message lists the images
   */
  int find(String name, String shown) throws ImageException {
    if (images.isEmpty()) {
      throw ImageSelector.empty(shown);
    }
    if (name != null && name.startsWith("@")) {
      return ImageSelector.position(name, images.size(), shown);
    }
    if (name == null && images.size() > 1) {
      throw ImageSelector.ambiguous(shown + " holds", shown());
    }
    for (int i = 0; i < images.size(); i++) {
      if (name == null || images.get(i).isCalled(name)) {
        return i;
      }
    }
    throw ImageSelector.missing(name, shown, shown());
  }

  private List<String> shown() {
    return images.stream().map(Image::shown).toList();
  }

  byte[] bytes() {
    ArrayNode all = Json.object().putArray("images");
    for (Image image : images) {
      ObjectNode entry = all.addObject().put(CONFIG, image.config);
      ArrayNode tags = entry.putArray(TAGS);
      image.names.forEach(tags::add);
      ArrayNode layers = entry.putArray(LAYERS);
      image.layers.forEach(layers::add);
    }
    return Json.bytes(all);
  }
}
