package dev.lamina.image.layout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.Json;
import dev.lamina.image.MediaTypes;
import dev.lamina.image.Words;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The {@code index.json} of a layout: its images and their names (OCI image layout specification).
 * What others put into it and this class does not know stays there.
 */
public final class LayoutIndex {
  public static final String FILE = "index.json";

  private static final String MANIFESTS = "manifests";

  private final String layout;
  private final ObjectNode document;

  /** An index without images. */
  public static byte[] empty() {
    ObjectNode document = Json.object().put("schemaVersion", 2).put("mediaType", MediaTypes.INDEX);
    document.putArray(MANIFESTS);
    return Json.bytes(document);
  }

  /**
   * @param layout for messages, quoted
   */
  public LayoutIndex(String layout, byte[] bytes) throws ImageException {
    this.layout = layout;
    document = Json.parse(what(), bytes);
  }

  private String what() {
    return FILE + " of " + layout;
  }

  /** In their order, with those that have no name. */
  public List<LayoutImage> images() throws ImageException {
    List<LayoutImage> images = new ArrayList<>();
    for (JsonNode entry : Json.elements(what(), document, MANIFESTS)) {
      images.add(LayoutImage.of(Descriptor.of(what(), entry)));
    }
    return images;
  }

  /**
   * The image of a name: {@code @N} is the one at that place, from 0 on; otherwise it is the one
   * that is called so, or else whose full name is another form of the one given. Null asks for the
   * only image.
   *
   * @throws ImageException when it is not there, or there are several; it says which there are
   */
  public Descriptor find(String name) throws ImageException {
    List<LayoutImage> images = images();
    if (images.isEmpty()) {
      throw new ImageException("there is no image in " + layout);
    }
    if (name == null) {
      return only(images, "which one is meant must be said");
    }
    if (name.startsWith("@")) {
      return images.get(ImageSelector.place(name, images.size(), layout)).descriptor();
    }
    List<LayoutImage> found = images.stream().filter(image -> image.isCalled(name)).toList();
    if (found.isEmpty()) {
      ImageReference reference = ImageSelector.parsedOrNull(name);
      Predicate<LayoutImage> isMeant = image -> reference != null && image.means(reference);
      found = images.stream().filter(isMeant).toList();
    }
    if (found.isEmpty()) {
      throw new ImageException(
          "there is no image " + Words.quote(name) + " in " + layout + ", but: " + shown(images));
    }
    return only(found, "more than one is called " + Words.quote(name));
  }

  private Descriptor only(List<LayoutImage> images, String problem) throws ImageException {
    Map<Object, LayoutImage> different = new HashMap<>();
    images.forEach(image -> different.put(image.descriptor().digest(), image));
    if (different.size() > 1) {
      throw new ImageException("of the images in " + layout + " " + problem + ": " + shown(images));
    }
    return images.get(0).descriptor();
  }

  private static String shown(List<LayoutImage> images) {
    return ImageSelector.list(images.stream().map(LayoutImage::shown).distinct().toList());
  }

  /**
   * Gives an image a name, and takes it from the one that had it, which is in the index no longer
   * unless under another name.
   *
   * @param name null for an image without one
   * @return false when it was there already
   */
  public boolean put(String name, Descriptor image) throws ImageException {
    List<LayoutImage> rivals = new ArrayList<>(images());
    rivals.removeIf(other -> name == null ? !isSame(other, image) : !name.equals(other.name()));
    if (!rivals.isEmpty() && rivals.stream().allMatch(other -> isSame(other, image))) {
      return false;
    }
    Map<String, String> annotations = new HashMap<>(image.annotations());
    if (name != null) {
      removeEntries(name);
      annotations.put(Descriptor.REF_NAME, name);
    }
    entries().add(image.withAnnotations(annotations).json());
    return true;
  }

  private static boolean isSame(LayoutImage image, Descriptor descriptor) {
    return image.descriptor().digest().equals(descriptor.digest());
  }

  /**
   * Takes out the entries of a name.
   *
   * @return false when there was none
   */
  boolean remove(String name) throws ImageException {
    images();
    return removeEntries(name);
  }

  private boolean removeEntries(String name) {
    boolean isChanged = false;
    ArrayNode entries = entries();
    for (int i = entries.size() - 1; i >= 0; i--) {
      JsonNode own = entries.get(i).path("annotations").path(Descriptor.REF_NAME);
      if (own.isTextual() && own.textValue().equals(name)) {
        entries.remove(i);
        isChanged = true;
      }
    }
    return isChanged;
  }

  /**
   * Takes out all entries of an image, those without a name too.
   *
   * @return false when there was none
   */
  boolean remove(Digest image) throws ImageException {
    List<LayoutImage> images = images();
    boolean isChanged = false;
    for (int i = images.size() - 1; i >= 0; i--) {
      if (images.get(i).descriptor().digest().equals(image)) {
        entries().remove(i);
        isChanged = true;
      }
    }
    return isChanged;
  }

  private ArrayNode entries() {
    return document.get(MANIFESTS) instanceof ArrayNode array
        ? array
        : document.putArray(MANIFESTS);
  }

  /**
   * @throws ImageException when it has grown larger than any reader would take
   */
  public byte[] bytes() throws ImageException {
    byte[] bytes = Json.bytes(document);
    if (bytes.length > Json.LONGEST) {
      throw new ImageException(what() + " would have more than " + Json.LONGEST + " bytes");
    }
    return bytes;
  }
}
