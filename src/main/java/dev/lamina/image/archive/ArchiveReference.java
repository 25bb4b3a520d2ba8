package dev.lamina.image.archive;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.HostPaths;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.Words;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Names that pick one of several images in a layout or an archive. */
final class ArchiveReference {
  private static final int MOST_SHOWN = 20;

  /** What archives are called behind their names. */
  private static final Pattern SUFFIX =
      Pattern.compile("(?:\\.(?:tar|tgz|txz|tzst|oci))?(?:\\.(?:gz|zst|xz))?$");

  /** What is not a letter or a digit of a repository's name, and what of it may be between them. */
  private static final Pattern BETWEEN = Pattern.compile("[^a-z0-9]+");

  private static final Pattern ALLOWED = Pattern.compile("\\.|_|__|-+");

  private ArchiveReference() {}

  /**
   * The place that {@code @N} names, as skopeo has it.
   *
   * @param count of the images there are
   * @param shown where they are, quoted
   */
  static int place(String text, int count, String shown) throws ImageException {
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
  static ImageReference parsedOrNull(String text) {
    try {
      return ImageReference.parse(text);
    } catch (ImageException e) {
      return null;
    }
  }

  /**
   * The name of an image that brings one along. A tag alone, as skopeo and umoci write it, follows
   * the name of the archive or the directory, as far as that can be part of a name: {@code v1} of
   * {@code /tmp/My App.tar.gz} is {@code my-app:v1}.
   *
   * @param own what the image is called there, which may be any text; null where nothing tells
   * @param place the archive or the layout, which may be standard input
   * @return null where that makes no name
   */
  static String named(String own, Path place) {
    if (own == null || LayoutImage.isFull(own)) {
      return own == null || parsedOrNull(own) == null ? null : own;
    }
    boolean isNowhere = place.equals(Spool.STANDARD);
    return isNowhere || !ImageReference.isTag(own) ? null : repository(place) + ":" + own;
  }

  private static String repository(Path place) {
    Path path = place.toAbsolutePath().normalize();
    String name = path.equals(path.getRoot()) ? "" : new String(HostPaths.name(path), ISO_8859_1);
    String plain = SUFFIX.matcher(name.toLowerCase(Locale.ROOT)).replaceFirst("");
    String valid =
        BETWEEN
            .matcher(plain)
            .replaceAll(found -> ALLOWED.matcher(found.group()).matches() ? found.group() : "-");
    String trimmed = valid.replaceAll("^[-._]+|[-._]+$", "");
    return trimmed.isEmpty() ? "image" : trimmed;
  }

  /** Names for a message, not too many. */
  static String list(List<String> names) {
    if (names.size() <= MOST_SHOWN) {
      return String.join(", ", names);
    }
    return String.join(", ", names.subList(0, MOST_SHOWN))
        + " and "
        + (names.size() - MOST_SHOWN)
        + " more";
  }
}
