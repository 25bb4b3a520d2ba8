package dev.lamina.image.layout;

import dev.lamina.image.Descriptor;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.Words;

/**
 * One entry of a layout's {@code index.json}.
 *
 * @param name {@code org.opencontainers.image.ref.name}: a tag, as skopeo and umoci write it, or a
 *     full name, as podman does; null where there is none
 * @param fullName {@code io.containerd.image.name}, which containerd and docker write beside a tag;
 *     null where there is none
 */
public record LayoutImage(String name, String fullName, Descriptor descriptor) {
  private static final String FULL_NAME = "io.containerd.image.name";

  static LayoutImage of(Descriptor descriptor) {
    return new LayoutImage(
        descriptor.annotations().get(Descriptor.REF_NAME),
        descriptor.annotations().get(FULL_NAME),
        descriptor);
  }

  /** True when it is called exactly so. */
  boolean isCalled(String wanted) {
    return wanted.equals(name) || wanted.equals(fullName);
  }

  /** True when one of its names and the one wanted are short or long forms of the same. */
  boolean means(ImageReference wanted) {
    return isSame(fullName, wanted) || name != null && isFull(name) && isSame(name, wanted);
  }

  /** The one that tells most; null where there is none. */
  public String bestName() {
    return fullName != null ? fullName : name;
  }

  /** A tag alone says nothing of the repository, and would be taken for one. */
  public static boolean isFull(String name) {
    return name.indexOf('/') >= 0 || name.indexOf(':') >= 0;
  }

  private static boolean isSame(String own, ImageReference wanted) {
    try {
      return own != null && ImageReference.parse(own).equals(wanted);
    } catch (ImageException e) {
      // The annotation may hold any text.
      return false;
    }
  }

  /** For messages. */
  String shown() {
    if (fullName == null && name == null) {
      return descriptor.digest() + " (without a name)";
    }
    return Words.quote(bestName());
  }
}
