package dev.lamina.image.archive;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.ImageReference;
import dev.lamina.image.file.HostPaths;
import dev.lamina.image.layout.ImageSelector;
import dev.lamina.image.layout.LayoutImage;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;

/** The names that images brought by layouts and archives get in the store. */
final class ArchiveReference {
  /** What archives are called behind their names. */
  private static final Pattern SUFFIX =
      Pattern.compile("(?:\\.(?:tar|tgz|txz|tzst|oci))?(?:\\.(?:gz|zst|xz))?$");

  /** What is not a letter or a digit of a repository's name, and what of it may be between them. */
  private static final Pattern BETWEEN = Pattern.compile("[^a-z0-9]+");

  private static final Pattern ALLOWED = Pattern.compile("\\.|_|__|-+");

  private ArchiveReference() {}

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
