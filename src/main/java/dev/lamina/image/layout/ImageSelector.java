package dev.lamina.image.layout;

import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.Messages;
import java.util.List;

/** The ways to select one of several images in a layout or an archive: name, tag or position. */
public final class ImageSelector {
  private static final int MOST_SHOWN = 20;

  private ImageSelector() {}

  /**
   * Returns the position that {@code @N} selects, counted from 0 as skopeo does.
   *
   * @param count the number of images
   * @param shown the layout or archive for messages, quoted
   */
  public static int position(String text, int count, String shown) throws ImageException {
    try {
      int position = Integer.parseInt(text.substring(1));
      if (position >= 0 && position < count) {
        return position;
      }
    } catch (NumberFormatException e) {
      throw new ImageException(
          "not the position of an image: " + Messages.quote(text) + " (the first image is @0)", e);
    }
    throw new ImageException(
        "there is no image "
            + Messages.quote(text)
            + " in "
            + shown
            + "; it holds "
            + count
            + (count == 1 ? " image" : " images"));
  }

  /** Parses a reference. Returns null if the text is not one. */
  public static ImageReference parsedOrNull(String text) {
    try {
      return ImageReference.parse(text);
    } catch (ImageException e) {
      return null;
    }
  }

  /** Returns the exception for a layout or an archive without images. */
  public static ImageException empty(String shown) {
    return new ImageException("there is no image in " + shown);
  }

  /** Returns the exception for a name that no image has. */
  public static ImageException missing(String name, String shown, List<String> names) {
    return new ImageException(
        "there is no image "
            + Messages.quote(name)
            + " in "
            + shown
            + "; it holds: "
            + list(names));
  }

  /**
   * Returns the exception for several images of which the user must select one.
   *
   * @param what the beginning of the message: "X holds"
   */
  public static ImageException ambiguous(String what, List<String> names) {
    return new ImageException(
        what
            + " several images ("
            + list(names)
            + "): append the name or the position of one of them, for example :@0");
  }

  /** Joins names for a message, and cuts a long list. */
  private static String list(List<String> names) {
    if (names.size() <= MOST_SHOWN) {
      return String.join(", ", names);
    }
    return String.join(", ", names.subList(0, MOST_SHOWN))
        + " and "
        + (names.size() - MOST_SHOWN)
        + " more";
  }
}
