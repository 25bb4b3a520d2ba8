package dev.lamina.image.layout;

import dev.lamina.image.Descriptor;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.Messages;

/**
 * One entry of a layout's {@code index.json}.
 *
 * @param name {@code org.opencontainers.image.ref.name}: a tag, as skopeo and umoci write it, or a
 *     full name, as podman does; null if it is missing
 * @param fullName {@code io.containerd.image.name}, which containerd and docker write in addition
 *     to a tag; null if it is missing
 */
public record LayoutImage(String name, String fullName, Descriptor descriptor) {
  private static final String FULL_NAME = "io.containerd.image.name";

  static LayoutImage of(Descriptor descriptor) {
    return new LayoutImage(
        descriptor.annotations().get(Descriptor.REF_NAME),
        descriptor.annotations().get(FULL_NAME),
        descriptor);
  }

  /** Returns true if one of the names is exactly this one. */
  boolean isCalled(String wanted) {
    return wanted.equals(name) || wanted.equals(fullName);
  }

  /** Returns true if one of the names is a short or long form of this one. */
  boolean means(ImageReference wanted) {
    return isSame(fullName, wanted) || name != null && isFull(name) && isSame(name, wanted);
  }

  /** Returns the full name if there is one, otherwise the name, which may be null. */
  public String bestName() {
    return fullName != null ? fullName : name;
  }

  /** Returns false for a tag alone, which would be parsed as the name of a repository. */
  public static boolean isFull(String name) {
    return name.indexOf('/') >= 0 || name.indexOf(':') >= 0;
  }

  private static boolean isSame(String own, ImageReference wanted) {
    try {
      return own != null && ImageReference.parse(own).equals(wanted);
    } catch (ImageException e) {
      // An annotation can be any text.
      return false;
    }
  }

  /** Returns the image's name for messages. */
  String shown() {
    if (fullName == null && name == null) {
      return descriptor.digest() + " (without a name)";
    }
    return Messages.quote(bestName());
  }
}
