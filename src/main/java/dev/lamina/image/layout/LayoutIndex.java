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
import dev.lamina.image.Messages;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The {@code index.json} of a layout: its images and their names (OCI image layout specification).
 * Fields that this class does not know are kept.
 */
public final class LayoutIndex {
  public static final String FILE = "index.json";

  private static final String MANIFESTS = "manifests";

  private final String layout;
  private final ObjectNode document;

  /** Returns the bytes of an index without images. */
  public static byte[] empty() {
    ObjectNode document = Json.object().put("schemaVersion", 2).put("mediaType", MediaTypes.INDEX);
    document.putArray(MANIFESTS);
    return Json.bytes(document);
  }

  /**
   * @param layout the layout for messages, quoted
   */
  public LayoutIndex(String layout, byte[] bytes) throws ImageException {
    this.layout = layout;
    document = Json.parse(what(), bytes);
  }

  private String what() {
    return FILE + " of " + layout;
  }

  /** Returns all images in the order of the index, including those without a name. */
  public List<LayoutImage> images() throws ImageException {
    List<LayoutImage> images = new ArrayList<>();
    for (JsonNode entry : Json.elements(what(), document, MANIFESTS)) {
      images.add(LayoutImage.of(Descriptor.of(what(), entry)));
    }
    return images;
  }

  /**
   * Returns the image of a name. {@code @N} selects the image at that position, counted from 0. Any
   * other name selects the image that has exactly this name or, if there is none, whose full name
   * is a short or long form of it. Null selects the only image.
   *
   * @throws ImageException if there is no such image or more than one; the message lists the images
   */
  public Descriptor find(String name) throws ImageException {
    List<LayoutImage> images = images();
    if (images.isEmpty()) {
      throw ImageSelector.empty(layout);
    }
    if (name == null) {
      return only(images, layout + " holds");
    }
    if (name.startsWith("@")) {
      return images.get(ImageSelector.position(name, images.size(), layout)).descriptor();
    }
    List<LayoutImage> found = images.stream().filter(image -> image.isCalled(name)).toList();
    if (found.isEmpty()) {
      ImageReference reference = ImageSelector.parsedOrNull(name);
      Predicate<LayoutImage> isMeant = image -> reference != null && image.means(reference);
      found = images.stream().filter(isMeant).toList();
    }
    if (found.isEmpty()) {
      throw ImageSelector.missing(name, layout, shown(images));
    }
    return only(found, Messages.quote(name) + " in " + layout + " matches");
  }

  private static Descriptor only(List<LayoutImage> images, String what) throws ImageException {
    Map<Object, LayoutImage> different = new HashMap<>();
    images.forEach(image -> different.put(image.descriptor().digest(), image));
    if (different.size() > 1) {
      throw ImageSelector.ambiguous(what, shown(images));
    }
    return images.get(0).descriptor();
  }

  private static List<String> shown(List<LayoutImage> images) {
    return images.stream().map(LayoutImage::shown).distinct().toList();
  }

  /**
   * Gives an image a name. An image that had the name loses it, and leaves the index unless it has
   * another name.
   *
   * @param name null for an image without a name
   * @return false if the image was in the index under this name already
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
   * Removes the entries of a name.
   *
   * @return false if there were none
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
   * Removes all entries of an image, including those without a name.
   *
   * @return false if there were none
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
   * Returns the index as a document.
   *
   * @throws ImageException if it is larger than readers accept
   */
  public byte[] bytes() throws ImageException {
    byte[] bytes = Json.bytes(document);
    if (bytes.length > Json.LONGEST) {
      throw new ImageException(what() + " would have more than " + Json.LONGEST + " bytes");
    }
    return bytes;
  }
}
