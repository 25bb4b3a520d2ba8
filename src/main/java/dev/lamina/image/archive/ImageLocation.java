package dev.lamina.image.archive;

import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.ImageSource;
import dev.lamina.image.ImageTarget;
import dev.lamina.image.Messages;
import dev.lamina.image.file.HostFiles;
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
 * The location of an image in the notation of skopeo and podman (containers-transports(5)): {@code
 * oci:DIR[:TAG]}, {@code oci-archive:FILE[:TAG]}, {@code docker-archive:FILE[:REFERENCE]}, {@code
 * docker://REFERENCE}, {@code dir:DIR}; or a path without a transport, or a name in the local
 * store.
 *
 * <p>As in these tools, DIR and FILE end at the first colon, which cannot be escaped: a path with a
 * colon can only be given without a transport. In place of a tag, {@code @N} selects the image at
 * that position, counted from 0. FILE may be {@code -} for standard input or output.
 *
 * <p>Without a transport, a text that begins with {@code /}, {@code ./} or {@code ../} is a path,
 * and the file's content determines what it is. Any other text is a path if it contains a dot or a
 * slash and names an existing tar, and otherwise a name. So {@code debian} is a name, even if the
 * current directory has a file of that name, and {@code ./debian} is a path.
 *
 * <p>The characters of these texts are bytes, as in the commands' arguments and messages.
 *
 * @param path null for {@link Kind#REGISTRY} and {@link Kind#NAME}
 * @param name the tag, the reference or the name; null if none is given
 */
public record ImageLocation(Kind kind, Path path, String name) {
  /** The kind of a location. */
  public enum Kind {
    OCI_LAYOUT("oci:"),
    OCI_ARCHIVE("oci-archive:"),
    DOCKER_ARCHIVE("docker-archive:"),
    /** A directory in the format of skopeo's {@code dir:}. */
    SKOPEO_DIRECTORY("dir:"),
    /** A root file system in a directory instead of an image. */
    ROOTFS_DIRECTORY("dir:"),
    /** The tar of a root file system, possibly compressed, instead of an image. */
    ROOTFS_TAR(""),
    /** An image in a registry, whose name is an {@link ImageReference}. */
    REGISTRY("docker://"),
    /** A name in the local store. */
    NAME("");

    private final String transport;

    Kind(String transport) {
      this.transport = transport;
    }
  }

  private static final String ALTERNATIVES =
      "write oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME],"
          + " docker://NAME, dir:DIR, the path of a tar, or a name";

  private static final Map<String, Kind> WITH_NAME =
      new TreeMap<>(
          Map.of(
              "oci:", Kind.OCI_LAYOUT,
              "oci-archive:", Kind.OCI_ARCHIVE,
              "docker-archive:", Kind.DOCKER_ARCHIVE));

  /** Other transports of containers-transports(5) and other common prefixes. */
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
   * Parses the location of an image to read, and determines what a path leads to.
   *
   * @throws ImageException if it is not a valid location or does not exist; the message may suggest
   *     one
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
    if (isInput && !HostFiles.exists(location.path)) {
      throw location.isNotThere(text);
    }
    return location;
  }

  /**
   * Parses the location of an image to write: {@code oci:}, {@code oci-archive:}, {@code
   * docker-archive:}, {@code docker://} or a name in the local store. It need not exist.
   */
  public static ImageLocation parseTarget(String text) throws ImageException {
    ImageLocation location = ofTransport(text);
    if (location == null) {
      return new ImageLocation(Kind.NAME, null, checkedName(text));
    }
    if (location.kind == Kind.ROOTFS_DIRECTORY) {
      throw new ImageException(
          "cannot write to " + Messages.quote(text) + ": write to oci:DIR[:TAG] instead");
    }
    if (location.name != null && location.name.startsWith("@")) {
      throw new ImageException(
          "not a name for a new image: "
              + Messages.quote(location.name)
              + " is the position of an existing one");
    }
    return location;
  }

  /** Returns null for a text without a transport. */
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
          "not the location of an image: "
              + Messages.quote(text)
              + "; did you mean docker://"
              + Messages.quote(rest));
    }
    if (UNKNOWN.contains(transport) && isNoTag(text, colon)) {
      throw new ImageException(
          "the transport "
              + transport
              + " is not supported: "
              + Messages.quote(text)
              + "; "
              + ALTERNATIVES);
    }
    return null;
  }

  /** Returns false for what may be the tag of an image whose name is that of a transport. */
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
      throw new ImageException(
          "an OCI layout is a directory and cannot be standard input or output: "
              + Messages.quote(text));
    }
    if (name != null && !PLACE.matcher(name).matches()) {
      if (kind == Kind.DOCKER_ARCHIVE) {
        ImageReference.parse(name);
      } else if (!TAG.matcher(name).matches()) {
        throw new ImageException(
            "not a tag: "
                + Messages.quote(name)
                + " in "
                + Messages.quote(text)
                + " (the path ends at the first colon)");
      }
    }
    return new ImageLocation(kind, path, name);
  }

  private static Path path(String text, String path) throws ImageException {
    if (path.isEmpty()) {
      throw new ImageException(
          "the path is missing in " + Messages.quote(text) + "; " + ALTERNATIVES);
    }
    if (path.equals(Spool.STANDARD.toString())) {
      return Spool.STANDARD;
    }
    try {
      return HostPaths.path(path);
    } catch (IllegalArgumentException e) {
      throw new ImageException("not a path: " + Messages.quote(path), e);
    }
  }

  private ImageException isNotThere(String text) throws ImageException {
    String whole = text.substring(kind.transport.length());
    boolean hasColon = name != null && Files.exists(path(text, whole));
    return new ImageException(
        "there is no "
            + Spool.shown(path)
            + (hasColon ? "; give a path with a colon in it without " + kind.transport : ""));
  }

  private static ImageLocation ofDirectory(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      String what = HostFiles.exists(path) ? " is not a directory" : " does not exist";
      throw new ImageException("dir:" + Spool.shown(path) + what);
    }
    boolean isSkopeos = SkopeoDirectory.isOne(path);
    return new ImageLocation(isSkopeos ? Kind.SKOPEO_DIRECTORY : Kind.ROOTFS_DIRECTORY, path, null);
  }

  private static ImageLocation ofBare(String text) throws IOException {
    if (text.equals("-")) {
      throw new ImageException(
          "the kind of archive on standard input must be given: write oci-archive:- or"
              + " docker-archive:-");
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
            Messages.quote(text)
                + " is neither a tar nor an OCI image layout nor a directory; "
                + ALTERNATIVES);
      }
    }
    return new ImageLocation(Kind.NAME, null, checkedName(text));
  }

  /** Returns null for a file that is neither an image nor a tar. */
  private static Kind kindOf(String text, Path path) throws IOException {
    if (!HostFiles.exists(path)) {
      int colon = text.lastIndexOf(':');
      boolean isTagged = colon > 0 && Files.exists(path(text, text.substring(0, colon)));
      throw new ImageException(
          "there is no "
              + Messages.quote(text)
              + (isTagged
                  ? "; to select a tag, write oci:, oci-archive: or docker-archive: before the path"
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
          Messages.quote(text)
              + " is a pipe or a device, so the kind of archive must be given: write oci-archive: or"
              + " docker-archive: before the path");
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

  /** Returns true for an image in a file or a directory, which {@link #source} opens. */
  public boolean isFile() {
    return switch (kind) {
      case OCI_LAYOUT, OCI_ARCHIVE, DOCKER_ARCHIVE, SKOPEO_DIRECTORY -> true;
      default -> false;
    };
  }

  /**
   * Opens an image that is in a file or a directory.
   *
   * @param temporary a directory for the copy of an archive that is compressed or comes from a
   *     pipe; the copy has no name and is removed when the source is closed
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
   * Returns the default name for an image in a file or a directory: the name it has there; a tag
   * alone is appended to the name of the file or directory.
   *
   * @param source the opened image
   * @return null if there is no such name
   */
  public String nameFor(ImageSource source) {
    boolean isNamed = name != null && !name.startsWith("@");
    if (isNamed && (kind == Kind.DOCKER_ARCHIVE || LayoutImage.isFull(name))) {
      return name;
    }
    boolean knowsMore = source.name() != null && LayoutImage.isFull(source.name());
    return ArchiveReference.named(isNamed && !knowsMore ? name : source.name(), path);
  }

  /** Creates a layout or an archive to which an image is written. */
  public ImageTarget target() throws IOException {
    return switch (kind) {
      case OCI_LAYOUT -> OciLayout.create(path).target(name);
      case OCI_ARCHIVE -> new OciArchiveWriter(path).only(name);
      case DOCKER_ARCHIVE -> new DockerArchiveWriter(path).only(name);
      default -> throw new IllegalStateException(this + " is not in a file");
    };
  }

  /** Returns the location as users write it, with an absolute path. */
  @Override
  public String toString() {
    if (path == null) {
      return kind.transport + name;
    }
    return kind.transport + Spool.name(path) + (name == null ? "" : ":" + name);
  }
}
