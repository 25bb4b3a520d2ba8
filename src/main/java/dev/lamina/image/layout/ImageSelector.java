package dev.lamina.image.layout;

import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.Words;
import java.util.List;

/** How a user picks one of several images in a layout or an archive: by name, tag or place. */
public final class ImageSelector {
  private static final int MOST_SHOWN = 20;

  private ImageSelector() {}

  /**
   * The place that {@code @N} names, as skopeo has it.
   *
   * @param count of the images there are
   * @param shown where they are, quoted
   */
  public static int place(String text, int count, String shown) throws ImageException {
    try {
      int place = Integer.parseInt(text.substring(1));
      if (place >= 0 && place < count) {
        return place;
      }
    } catch (NumberFormatException e) {
      throw new ImageException(
          Words.quote(text) + " is no place of an image: @0 is the first one's", e);
    }
    throw new ImageException(
        "there is no image " + Words.quote(text) + " in " + shown + ", which has " + count);
  }

  /** Null for a text that is not the name of an image in a registry. */
  public static ImageReference parsedOrNull(String text) {
    try {
      return ImageReference.parse(text);
    } catch (ImageException e) {
      return null;
    }
  }

  /** Names for a message, not too many. */
  public static String list(List<String> names) {
    if (names.size() <= MOST_SHOWN) {
      return String.join(", ", names);
    }
    return String.join(", ", names.subList(0, MOST_SHOWN))
        + " and "
        + (names.size() - MOST_SHOWN)
        + " more";
  }
}
