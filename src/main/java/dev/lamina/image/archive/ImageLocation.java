package dev.lamina.image.archive;

import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.ImageSource;
import dev.lamina.image.ImageTarget;
import dev.lamina.image.Words;
import dev.lamina.image.file.HostPaths;
import dev.lamina.image.layout.LayoutImage;
import dev.lamina.image.layout.LayoutSource;
import dev.lamina.image.layout.OciLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Where an image is, in the words that skopeo and podman take (containers-transports(5)): {@code
 * oci:DIR[:TAG]}, {@code oci-archive:FILE[:TAG]}, {@code docker-archive:FILE[:REFERENCE]}, {@code
 * docker://REFERENCE}, {@code dir:DIR}; or a bare path, or a name in the local store.
 *
 * <p>As with these tools, DIR and FILE end at the first colon, and nothing escapes one: a path with
 * a colon can only be given bare. In place of a tag, {@code @N} is the image at that place, from 0
 * on. FILE may be {@code -}, standard input or output.
 *
 * <p>A bare text that begins with {@code /}, {@code ./} or {@code ../} is a path, and what it is is
 * told by its content. Another one is a path if it has a dot or a slash and names a tar that is
 * there; else a name. So {@code debian} is a name, whatever lies in the current directory, and
 * {@code ./debian} a path.
 *
 * <p>These texts are bytes, each as a character: so arguments come, and messages go.
 *
 * @param path null for {@link Kind#REGISTRY} and {@link Kind#NAME}
 * @param name the tag, the reference or the name; null where none is given
 */
public record ImageLocation(Kind kind, Path path, String name) {
  /** What is there. */
  public enum Kind {
    OCI_LAYOUT("oci:"),
    OCI_ARCHIVE("oci-archive:"),
    DOCKER_ARCHIVE("docker-archive:"),
    /** An image as skopeo writes it to {@code dir:}. */
    SKOPEO_DIRECTORY("dir:"),
    /** No image, but a root file system. */
    ROOTFS_DIRECTORY("dir:"),
    /** No image, but the tar of a root file system, which may be compressed. */
    ROOTFS_TAR(""),
    /** {@link ImageReference} takes the name. */
    REGISTRY("docker://"),
    /** In the local store. */
    NAME("");

    private final String transport;

    Kind(String transport) {
      this.transport = transport;
    }
  }

  private static final String ALTERNATIVES =
      "an image is oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME],"
          + " docker://NAME, dir:DIR, the path of a tar, or a name";

  private static final Map<String, Kind> WITH_NAME =
      new TreeMap<>(
          Map.of(
              "oci:", Kind.OCI_LAYOUT,
              "oci-archive:", Kind.OCI_ARCHIVE,
              "docker-archive:", Kind.DOCKER_ARCHIVE));

  /** Other transports of containers-transports(5), and what else is written so. */
  private static final Set<String> UNKNOWN =
      Set.of(
          "atomic",
          "containers-storage",
          "docker-daemon",
          "file",
          "ftp",
          "ostree",
          "sif",
          "tarball");

  private static final Set<String> WEB = Set.of("docker", "http", "https", "oci+http");

  /** OCI image specification, annotations, "org.opencontainers.image.ref.name". */
  private static final Pattern TAG =
      Pattern.compile(
          "(?:[A-Za-z0-9]++(?:(?:--|[-._:@+])[A-Za-z0-9]++)*+)"
              + "(?:/[A-Za-z0-9]++(?:(?:--|[-._:@+])[A-Za-z0-9]++)*+)*+");

  private static final Pattern PLACE = Pattern.compile("@[0-9]{1,9}");

  /**
   * Of an image that is to be read. Looks at what a path leads to.
   *
   * @throws ImageException when it is none of these; it names what is meant, perhaps
   */
  public static ImageLocation parse(String text) throws IOException {
    ImageLocation location = ofTransport(text);
    if (location == null) {
      return ofBare(text);
    }
    if (location.kind == Kind.ROOTFS_DIRECTORY) {
      return ofDirectory(location.path);
    }
    boolean isInput = location.path != null && !location.path.equals(Spool.STANDARD);
    if (isInput && !Files.exists(location.path)) {
      throw location.isNotThere(text);
    }
    return location;
  }

  /**
   * Of an image that is to be written: {@code oci:}, {@code oci-archive:}, {@code docker-archive:},
   * {@code docker://} or a name, which is the local store's. Nothing needs to be there.
   */
  public static ImageLocation parseTarget(String text) throws ImageException {
    ImageLocation location = ofTransport(text);
    if (location == null) {
      return new ImageLocation(Kind.NAME, null, checkedName(text));
    }
    if (location.kind == Kind.ROOTFS_DIRECTORY) {
      throw new ImageException(
          "an image is not written to dir:, but to oci:DIR[:TAG]: " + Words.quote(text));
    }
    if (location.name != null && location.name.startsWith("@")) {
      throw new ImageException(
          Words.quote(location.name) + " is the place of an image that is there, not a new name");
    }
    return location;
  }

  /** Null for a text without a transport. */
  private static ImageLocation ofTransport(String text) throws ImageException {
    for (Map.Entry<String, Kind> transport : WITH_NAME.entrySet()) {
      if (text.startsWith(transport.getKey())) {
        return ofPathAndName(text, transport.getKey(), transport.getValue());
      }
    }
    if (text.startsWith("docker://")) {
      String reference = text.substring("docker://".length());
      ImageReference.parse(reference);
      return new ImageLocation(Kind.REGISTRY, null, reference);
    }
    if (text.startsWith("dir:")) {
      return new ImageLocation(Kind.ROOTFS_DIRECTORY, path(text, text.substring(4)), null);
    }
    int colon = text.indexOf(':');
    String transport = colon < 0 ? "" : text.substring(0, colon);
    if (WEB.contains(transport) && (text.startsWith("//", colon + 1) || isNoTag(text, colon))) {
      String rest = text.substring(colon + 1).replaceFirst("^/*", "");
      throw new ImageException(
          "not an image: " + Words.quote(text) + ": did you mean docker://" + Words.quote(rest));
    }
    if (UNKNOWN.contains(transport) && isNoTag(text, colon)) {
      throw new ImageException(
          transport + ": cannot be read: " + Words.quote(text) + "; " + ALTERNATIVES);
    }
    return null;
  }

  /** False for what may be the tag of an image that is called like a transport. */
  private static boolean isNoTag(String text, int colon) {
    return !ImageReference.isTag(text.substring(colon + 1));
  }

  private static ImageLocation ofPathAndName(String text, String transport, Kind kind)
      throws ImageException {
    String rest = text.substring(transport.length());
    int colon = rest.indexOf(':');
    Path path = path(text, colon < 0 ? rest : rest.substring(0, colon));
    String name = colon < 0 || colon == rest.length() - 1 ? null : rest.substring(colon + 1);
    if (kind == Kind.OCI_LAYOUT && path.equals(Spool.STANDARD)) {
      throw new ImageException("a layout is a directory: " + Words.quote(text));
    }
    if (name != null && !PLACE.matcher(name).matches()) {
      if (kind == Kind.DOCKER_ARCHIVE) {
        ImageReference.parse(name);
      } else if (!TAG.matcher(name).matches()) {
        throw new ImageException(
            "not a tag: "
                + Words.quote(name)
                + " in "
                + Words.quote(text)
                + "; the path before it ends at the first colon");
      }
    }
    return new ImageLocation(kind, path, name);
  }

  private static Path path(String text, String path) throws ImageException {
    if (path.isEmpty()) {
      throw new ImageException("there is no path in " + Words.quote(text) + "; " + ALTERNATIVES);
    }
    if (path.equals(Spool.STANDARD.toString())) {
      return Spool.STANDARD;
    }
    try {
      return HostPaths.path(path);
    } catch (IllegalArgumentException e) {
      throw new ImageException("not a path: " + Words.quote(path), e);
    }
  }

  private ImageException isNotThere(String text) throws ImageException {
    String whole = text.substring(kind.transport.length());
    boolean hasColon = name != null && Files.exists(path(text, whole));
    return new ImageException(
        "there is no "
            + Spool.shown(path)
            + (hasColon
                ? "; a path with a colon in it can only be given without " + kind.transport
                : ""));
  }

  private static ImageLocation ofDirectory(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      String what = Files.exists(path) ? " is not a directory" : " is not there";
      throw new ImageException("dir:" + Spool.shown(path) + what);
    }
    boolean isSkopeos = SkopeoDirectory.isOne(path);
    return new ImageLocation(isSkopeos ? Kind.SKOPEO_DIRECTORY : Kind.ROOTFS_DIRECTORY, path, null);
  }

  private static ImageLocation ofBare(String text) throws IOException {
    if (text.equals("-")) {
      throw new ImageException(
          "standard input may be anything: write oci-archive:- or docker-archive:-");
    }
    boolean isPath = text.startsWith("/") || text.startsWith("./") || text.startsWith("../");
    if (!isPath && text.indexOf('.') < 0 && text.indexOf('/') < 0) {
      return new ImageLocation(Kind.NAME, null, checkedName(text));
    }
    Path path = path(text, text);
    if (isPath || Files.isRegularFile(path)) {
      Kind kind = kindOf(text, path);
      if (kind != null) {
        return new ImageLocation(kind, path, null);
      }
      if (isPath) {
        throw new ImageException(
            Words.quote(text)
                + " is neither a tar nor an OCI image layout nor a directory; "
                + ALTERNATIVES);
      }
    }
    return new ImageLocation(Kind.NAME, null, checkedName(text));
  }

  /** Null for what is no image. */
  private static Kind kindOf(String text, Path path) throws IOException {
    if (!Files.exists(path)) {
      int colon = text.lastIndexOf(':');
      boolean isTagged = colon > 0 && Files.exists(path(text, text.substring(0, colon)));
      throw new ImageException(
          "there is no "
              + Words.quote(text)
              + (isTagged
                  ? "; with a tag, write oci:, oci-archive: or docker-archive: before it"
                  : ""));
    }
    if (Files.isDirectory(path)) {
      if (Files.isRegularFile(path.resolve(LayoutSource.MARKER), LinkOption.NOFOLLOW_LINKS)) {
        return Kind.OCI_LAYOUT;
      }
      return ofDirectory(path).kind;
    }
    if (!Files.isRegularFile(path)) {
      throw new ImageException(
          Words.quote(text)
              + " is a pipe or a device, and may hold anything: write oci-archive: or"
              + " docker-archive: before it");
    }
    return switch (ArchiveKind.of(path)) {
      case OCI -> Kind.OCI_ARCHIVE;
      case DOCKER -> Kind.DOCKER_ARCHIVE;
      case OTHER -> Kind.ROOTFS_TAR;
      case NONE -> null;
    };
  }

  private static String checkedName(String text) throws ImageException {
    try {
      ImageReference.parse(text);
      return text;
    } catch (ImageException e) {
      throw new ImageException(e.getMessage() + "; " + ALTERNATIVES, e);
    }
  }

  /** True when it is an image in a file or a directory, which {@link #source} opens. */
  public boolean isFile() {
    return switch (kind) {
      case OCI_LAYOUT, OCI_ARCHIVE, DOCKER_ARCHIVE, SKOPEO_DIRECTORY -> true;
      default -> false;
    };
  }

  /**
   * Opens an image that is in a file or a directory.
   *
   * @param temporary a directory for a copy, which takes an archive that is compressed or comes
   *     from a pipe; it has no name and goes when the source is closed
   */
  public ImageSource source(Path temporary) throws IOException {
    return switch (kind) {
      case OCI_LAYOUT -> OciLayout.open(path).source(name);
      case OCI_ARCHIVE -> ImageArchive.only(OciArchive.open(path, temporary), name);
      case DOCKER_ARCHIVE -> ImageArchive.only(DockerArchive.open(path, temporary), name);
      case SKOPEO_DIRECTORY -> new SkopeoDirectory(path);
      default -> throw new IllegalStateException(this + " is not in a file");
    };
  }

  /**
   * What an image that is in a file or a directory is to be called, where nobody says: as it is
   * called there, and if that is a tag alone, with the name of the file or the directory before it.
   *
   * @param source the image, opened
   * @return null where nothing tells
   */
  public String nameFor(ImageSource source) {
    boolean isNamed = name != null && !name.startsWith("@");
    if (isNamed && (kind == Kind.DOCKER_ARCHIVE || LayoutImage.isFull(name))) {
      return name;
    }
    boolean knowsMore = source.name() != null && LayoutImage.isFull(source.name());
    return ArchiveReference.named(isNamed && !knowsMore ? name : source.name(), path);
  }

  /** Makes a layout or an archive for an image to be written into. */
  public ImageTarget target() throws IOException {
    return switch (kind) {
      case OCI_LAYOUT -> OciLayout.create(path).target(name);
      case OCI_ARCHIVE -> new OciArchiveWriter(path).only(name);
      case DOCKER_ARCHIVE -> new DockerArchiveWriter(path).only(name);
      default -> throw new IllegalStateException(this + " is not in a file");
    };
  }

  /** As users write it, the path from the root on. */
  @Override
  public String toString() {
    if (path == null) {
      return kind.transport + name;
    }
    return kind.transport + Spool.name(path) + (name == null ? "" : ":" + name);
  }
}
