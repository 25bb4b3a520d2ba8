package dev.lamina.image.store;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.Document;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.ImageSource;
import dev.lamina.image.Manifest;
import dev.lamina.image.MediaTypes;
import dev.lamina.image.Messages;
import dev.lamina.image.Platform;
import dev.lamina.image.layout.LayoutImage;
import dev.lamina.image.layout.OciLayout;
import dev.lamina.sys.Log;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Finds the images of the store by their names. A name is kept as it was given, with {@code
 * :latest} where it had no tag; it is found as given, with that tag, or in the full form that
 * docker and podman have for it. An image is also found by the beginning of its ID or digest.
 */
final class ImageNames {
  private static final int LEAST_DIGITS = 4;
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{" + LEAST_DIGITS + ",64}");

  private final OciLayout layout;
  private final ImageParts parts;

  ImageNames(OciLayout layout, ImageParts parts) {
    this.layout = layout;
    this.parts = parts;
  }

  /**
   * Returns a name with a tag.
   *
   * @throws ImageException when it cannot be the name of an image
   */
  static String withTag(String name) throws ImageException {
    OciLayout.checkName(name);
    if (HEX.matcher(name).matches() && name.length() == 64) {
      throw new ImageException("not a name for an image: " + name + " would be taken for an ID");
    }
    boolean hasTag = name.indexOf(':', name.lastIndexOf('/') + 1) >= 0 || name.contains("@");
    return hasTag ? name : name + ":latest";
  }

  /** Returns all images that can be read, for this machine's platform where there are several. */
  List<StoredImage> all() throws IOException {
    Map<Digest, StoredImage> all = new LinkedHashMap<>();
    for (LayoutImage entry : layout.images()) {
      StoredImage image;
      try {
        image = read(entry.descriptor());
      } catch (ImageException e) {
        warn(entry, e);
        continue;
      }
      List<String> names = new ArrayList<>();
      StoredImage known = all.get(image.descriptor().digest());
      if (known != null) {
        names.addAll(known.names());
      }
      if (entry.name() != null) {
        names.add(entry.name());
      }
      all.put(image.descriptor().digest(), image.withNames(names));
    }
    return new ArrayList<>(all.values());
  }

  private StoredImage read(Descriptor descriptor) throws IOException {
    return read(descriptor, Platform.host());
  }

  private StoredImage read(Descriptor descriptor, Platform platform) throws IOException {
    try (ImageSource source = layout.sourceOf(descriptor)) {
      Document document = ImageFetch.manifest(source, platform);
      Manifest manifest = document.manifest();
      return new StoredImage(
          List.of(),
          new Descriptor(manifest.mediaType(), document.digest(), document.bytes().length),
          manifest,
          config(manifest));
    }
  }

  private ImageConfig config(Manifest manifest) throws IOException {
    return ImageConfig.parse(layout.document(manifest.config()).bytes());
  }

  /**
   * Returns an image; null when there is none. Only the image that has the name is read, or all of
   * them when none has it.
   */
  StoredImage find(String name, Platform platform) throws IOException {
    List<LayoutImage> entries = layout.images();
    LayoutImage found = called(entries, name);
    if (found == null) {
      found = called(entries, withTagOrAsIs(name));
    }
    String full = full(name);
    for (LayoutImage entry : entries) {
      if (found == null && full != null && entry.name() != null) {
        found = full.equals(full(entry.name())) ? entry : null;
      }
    }
    if (found != null) {
      return read(found, entries, platform);
    }
    StoredImage byId = byId(all(), name);
    return byId != null ? byId : byDigest(name);
  }

  /** Also finds an image of another platform under an index. */
  private StoredImage byDigest(String name) throws IOException {
    Digest digest;
    try {
      digest = Digest.parse(name);
    } catch (ImageException e) {
      return null;
    }
    try {
      return layout.size(digest) < 0 ? null : byManifest(digest);
    } catch (ImageException e) {
      // The digest is of contents of another kind.
      return null;
    }
  }

  private static LayoutImage called(List<LayoutImage> entries, String name) {
    for (LayoutImage entry : entries) {
      if (name.equals(entry.name())) {
        return entry;
      }
    }
    return null;
  }

  /** Returns an image with all its names, or null when it cannot be read. */
  private StoredImage read(LayoutImage found, List<LayoutImage> entries, Platform platform)
      throws IOException {
    StoredImage image;
    try {
      image = read(found.descriptor(), platform);
    } catch (ImageException e) {
      warn(found, e);
      return null;
    }
    Digest digest = found.descriptor().digest();
    return image.withNames(
        names(entries.stream().filter(e -> e.descriptor().digest().equals(digest)).toList()));
  }

  private static List<String> names(List<LayoutImage> entries) {
    return entries.stream().map(LayoutImage::name).filter(Objects::nonNull).toList();
  }

  private static void warn(LayoutImage entry, ImageException problem) {
    Log.warn(
        ImageNames.class,
        "an image is left out because it cannot be read: {}: {}",
        entry.name() == null ? entry.descriptor().digest() : Messages.quote(entry.name()),
        problem.getMessage());
  }

  private static String withTagOrAsIs(String name) {
    try {
      return withTag(name);
    } catch (ImageException e) {
      return name;
    }
  }

  private static String full(String name) {
    try {
      return ImageReference.parse(name).toString();
    } catch (ImageException e) {
      return null;
    }
  }

  private static StoredImage byId(List<StoredImage> all, String name) throws ImageException {
    String hex = name.startsWith("sha256:") ? name.substring("sha256:".length()) : name;
    if (!HEX.matcher(hex).matches()) {
      return null;
    }
    StoredImage found = null;
    for (StoredImage image : all) {
      if (image.descriptor().digest().hex().equals(hex)) {
        return image;
      }
      boolean matches =
          image.id().hex().startsWith(hex) || image.descriptor().digest().hex().startsWith(hex);
      if (matches && found != null && found.id().equals(image.id())) {
        // It is the same image, with blobs that are compressed in another way.
        continue;
      }
      if (matches && found != null) {
        throw new ImageException("more than one image has an ID that begins with " + hex);
      }
      found = matches ? image : found;
    }
    return found;
  }

  /** Returns the image of a manifest in the store, with or without a name. */
  StoredImage byManifest(Digest manifest) throws IOException {
    long size = layout.size(manifest);
    if (size < 0) {
      throw new ImageException("the image " + manifest + " is no longer in the store");
    }
    StoredImage image = read(new Descriptor(MediaTypes.MANIFEST, manifest, size));
    return image.withNames(names(entries(image)));
  }

  /** Returns true when an image is in the index, with a name or without. */
  boolean isListed(Descriptor manifest) throws IOException {
    for (LayoutImage entry : layout.images()) {
      if (entry.descriptor().digest().equals(manifest.digest())) {
        return true;
      }
    }
    return false;
  }

  /**
   * Returns true when the index has an image of this digest, a manifest's or an index's, that can
   * be read and of which it is known what it needs.
   */
  boolean isReadable(Digest digest) throws IOException {
    for (LayoutImage entry : layout.images()) {
      if (entry.descriptor().digest().equals(digest)) {
        try {
          read(entry.descriptor());
          parts.of(entry.descriptor());
          return true;
        } catch (ImageException e) {
          // Another entry may describe the same content rightly.
          continue;
        }
      }
    }
    return false;
  }

  /** Returns the index's entries of an image, by itself or for this machine's platform. */
  private List<LayoutImage> entries(StoredImage image) throws IOException {
    List<LayoutImage> entries = new ArrayList<>();
    for (LayoutImage entry : layout.images()) {
      boolean isIt = entry.descriptor().digest().equals(image.descriptor().digest());
      if (!isIt && MediaTypes.isIndex(entry.descriptor().mediaType())) {
        try {
          isIt = read(entry.descriptor()).descriptor().digest().equals(image.descriptor().digest());
        } catch (ImageException e) {
          warn(entry, e);
        }
      }
      if (isIt) {
        entries.add(entry);
      }
    }
    return entries;
  }

  /**
   * Returns the digests of everything that an image and the other platforms' images under its names
   * consist of. Of what cannot be read nothing is returned: the caller wants to remove it.
   */
  Set<Digest> reachableByNames(StoredImage image) throws IOException {
    Set<Digest> all = parts.of(image);
    for (LayoutImage entry : entries(image)) {
      try {
        all.addAll(parts.of(entry.descriptor()));
      } catch (ImageException e) {
        warn(entry, e);
      }
    }
    return all;
  }

  /**
   * Removes a name, or all of them when the image was given by its ID.
   *
   * @return the names that were removed
   */
  List<String> remove(StoredImage image, String said) throws IOException {
    String meant = meant(image, said);
    if (meant != null) {
      layout.remove(meant);
      return List.of(meant);
    }
    for (LayoutImage entry : entries(image)) {
      layout.remove(entry.descriptor().digest());
    }
    return image.names();
  }

  /** Returns which of an image's names a user's word means; null when it means the ID. */
  static String meant(StoredImage image, String said) {
    for (String name : image.names()) {
      if (name.equals(said)
          || name.equals(withTagOrAsIs(said))
          || full(name) != null && full(name).equals(full(said))) {
        return name;
      }
    }
    return null;
  }
}
