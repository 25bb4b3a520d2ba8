package dev.lamina.image.transfer;

import dev.lamina.image.ImageException;
import dev.lamina.image.Platform;
import dev.lamina.image.archive.ImageLocation;
import dev.lamina.image.store.Images;
import dev.lamina.image.store.StoredImage;
import java.io.IOException;

/** Finds the image that a user of mount or run means in the store, for a platform. */
public final class ImageSearch {
  private final Images images;
  private final Platform platform;
  private final boolean anyPlatform;

  /**
   * @param platform null for this machine's, and for an image of the store whatever its platform
   */
  public ImageSearch(Images images, Platform platform) {
    this.images = images;
    this.platform = platform == null ? Platform.host() : platform;
    anyPlatform = platform == null;
  }

  /**
   * Returns the image of the store that is meant; null when it must be pulled.
   *
   * @throws ImageException when it is a name in the store, and the store has no such image
   */
  public StoredImage find(String image) throws IOException {
    StoredImage known = images.find(image, platform);
    if (known != null && (anyPlatform || known.config().platform().suits(platform) >= 0)) {
      return known;
    }
    ImageLocation location = ImageLocation.parse(image);
    if (location.kind() != ImageLocation.Kind.NAME) {
      return null;
    }
    if (known != null) {
      throw new ImageException(
          "the image "
              + image
              + " in the store is for "
              + known.config().platform()
              + "; to fetch the other one from its registry: lamina pull --platform "
              + platform
              + " docker://"
              + image);
    }
    throw isNotThere(location);
  }

  static ImageException isNotThere(ImageLocation location) {
    return new ImageException(
        "there is no image "
            + location.name()
            + " in the store; to fetch it from its registry: lamina pull docker://"
            + location.name());
  }
}
