package dev.lamina.image.archive;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.ImageReference;
import dev.lamina.image.file.HostPaths;
import dev.lamina.image.layout.ImageSelector;
import dev.lamina.image.layout.LayoutImage;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;

/** Determines the names in the store of images that come from layouts and archives. */
final class ArchiveReference {
  /** The endings of the names of archives. */
  private static final Pattern SUFFIX =
      Pattern.compile("(?:\\.(?:tar|tgz|txz|tzst|oci))?(?:\\.(?:gz|zst|xz))?$");

  /** Characters that are not letters or digits of a repository's name. */
  private static final Pattern BETWEEN = Pattern.compile("[^a-z0-9]+");

  /** The separators that a repository's name may contain. */
  private static final Pattern ALLOWED = Pattern.compile("\\.|_|__|-+");

  private ArchiveReference() {}

  /**
   * Returns the name for an image in an archive or a layout. A full name is used as it is. A tag
   * alone, as skopeo and umoci write it, is appended to the name of the archive or directory, made
   * valid where necessary: {@code v1} in {@code /tmp/My App.tar.gz} becomes {@code my-app:v1}.
   *
   * @param own the name in the archive or layout, which may be any text; null if there is none
   * @param place the archive or the layout, which may be standard input
   * @return null if that gives no valid name
   */
  static String named(String own, Path place) {
    if (own == null || LayoutImage.isFull(own)) {
      return own == null || ImageSelector.parsedOrNull(own) == null ? null : own;
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
}
