package dev.lamina.image.layout;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.Document;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.ImageTarget;
import dev.lamina.image.Messages;
import dev.lamina.image.file.FileLock;
import dev.lamina.image.file.HostFile;
import dev.lamina.image.file.HostFiles;
import dev.lamina.image.file.HostPaths;
import dev.lamina.sys.Fd;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * An OCI image layout in a directory (OCI image layout specification): blobs, which are content
 * named by its digest, and an index of images with names. Skopeo and umoci may read and write the
 * directory at the same time.
 *
 * <p>Any number of threads and processes may use a layout at once. Blobs and the index are written
 * to temporary files, synced, and renamed into place: a reader sees either the old or the new file,
 * and so does whoever looks after a crash. Each change of the index is made under {@link
 * LayoutLock}. Symbolic links in the directory are not followed. No file is kept open, so a layout
 * need not be closed.
 *
 * <p>This class does not decide what is garbage. {@link #reachable}, {@link #blobs} and {@link
 * #delete} are for a garbage collection, which must also know which blobs are about to be named.
 */
public final class OciLayout {
  private static final String NEW_INDEX = ".lamina-index";
  private static final String NEW_MARKER = ".lamina-layout";

  /** Files that may exist in a directory that becomes a layout, as another process may fill it. */
  private static final Set<String> OWN =
      Set.of(
          LayoutIndex.FILE,
          LayoutSource.MARKER,
          LayoutSource.BLOBS,
          LayoutLock.FILE,
          NEW_INDEX,
          NEW_MARKER);

  private final Path path;
  private final DirectoryFiles files;

  private OciLayout(Path path) {
    this.path = path.toAbsolutePath();
    files = new DirectoryFiles(this.path);
  }

  /**
   * Opens an existing layout.
   *
   * @throws ImageException if the directory is not a layout
   */
  public static OciLayout open(Path path) throws IOException {
    OciLayout layout = new OciLayout(path);
    layout.index();
    return layout;
  }

  /**
   * Opens a layout, and creates it if it is missing, with the directories above it.
   *
   * @throws ImageException if the directory contains something else
   */
  public static OciLayout create(Path path) throws IOException {
    OciLayout layout = new OciLayout(path);
    Files.createDirectories(layout.path);
    if (layout.files.size(LayoutSource.MARKER) < 0) {
      layout.checkIsEmpty();
      try (LayoutLock lock = new LayoutLock(layout.path)) {
        layout.fill(lock);
      }
    }
    layout.index();
    return layout;
  }

  private void checkIsEmpty() throws IOException {
    for (Path entry : HostFiles.list(path)) {
      if (!OWN.contains(entry.getFileName().toString())) {
        throw new ImageException(
            files
                + " is neither an OCI image layout nor an empty directory: name another directory");
      }
    }
  }

  /** Writes the marker last: a directory that has it is a layout. */
  private void fill(LayoutLock lock) throws IOException {
    lock.syncBlobs();
    if (files.size(LayoutIndex.FILE) < 0) {
      lock.replace(NEW_INDEX, LayoutIndex.FILE, LayoutIndex.empty());
    }
    if (files.size(LayoutSource.MARKER) < 0) {
      lock.replace(NEW_MARKER, LayoutSource.MARKER, LayoutMarker.bytes());
    }
  }

  private LayoutIndex index() throws IOException {
    return LayoutSource.index(files);
  }

  // Images and their names

  /** Returns all images in the order of the index, including those without a name. */
  public List<LayoutImage> images() throws IOException {
    return index().images();
  }

  /**
   * Returns the descriptor of an image's manifest or index.
   *
   * @param name null for the only image; {@code @N} for the image at that position
   * @throws ImageException if there is no such image or more than one; the message lists the images
   */
  public Descriptor find(String name) throws IOException {
    return index().find(name);
  }

  /**
   * Returns an image for reading.
   *
   * @param name as for {@link #find}
   */
  public ImageSource source(String name) throws IOException {
    String shown = "oci:" + HostPaths.text(path) + (name == null ? "" : ":" + name);
    return new LayoutSource(files, find(name), shown);
  }

  /** Returns an image of this layout for reading, whether it is in the index or not. */
  public ImageSource sourceOf(Descriptor image) {
    return new LayoutSource(files, image, "oci:" + HostPaths.text(path) + ":" + image.digest());
  }

  /**
   * Returns a target to which an image is written. A Docker manifest is converted to an OCI
   * manifest, as skopeo does, which changes its digest; {@link #write} and {@link #tag} keep it.
   *
   * @param name that the image gets at the end, and that another image loses; null for no name
   */
  public ImageTarget target(String name) {
    return new LayoutTarget(this, name);
  }

  /**
   * Gives an image a name. An image that had the name loses it, and leaves the index unless it has
   * another name.
   *
   * @param name null to enter the image into the index without a name
   * @param image whose manifest or index must be in the layout
   */
  public void tag(String name, Descriptor image) throws IOException {
    if (name != null) {
      checkName(name);
    }
    if (!has(image)) {
      throw new ImageException(
          files + " has no blob " + image.digest() + " of " + image.size() + " bytes");
    }
    change(index -> index.put(name, image));
  }

  /**
   * Checks that an image in a layout can have a name.
   *
   * @throws ImageException if it cannot
   */
  public static void checkName(String name) throws ImageException {
    if (name.isEmpty() || name.length() > 512 || name.startsWith("@") || !isPlain(name)) {
      throw new ImageException(
          "not a name for an image: "
              + Messages.quote(name)
              + " (a name has 1 to 512 printable ASCII characters, no spaces, and no @ at the"
              + " beginning)");
    }
  }

  private static boolean isPlain(String name) {
    return name.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  /**
   * Removes a name. The image leaves the index unless it has another name; its blobs stay.
   *
   * @return false if there was no such name
   */
  public boolean remove(String name) throws IOException {
    return change(index -> index.remove(name));
  }

  /**
   * Removes an image and all its names from the index. Its blobs stay.
   *
   * @param image the digest of its manifest or index
   * @return false if it was not in the index
   */
  public boolean remove(Digest image) throws IOException {
    return change(index -> index.remove(image));
  }

  private interface Change {
    boolean apply(LayoutIndex index) throws ImageException;
  }

  private boolean change(Change change) throws IOException {
    try (LayoutLock lock = new LayoutLock(path)) {
      LayoutIndex index = index();
      if (!change.apply(index)) {
        return false;
      }
      // The names of blobs that another process has just written may not be on the disk yet.
      lock.syncBlobs();
      lock.replace(NEW_INDEX, LayoutIndex.FILE, index.bytes());
      return true;
    }
  }

  /**
   * Returns the digests of all blobs that a manifest, an index or any other blob refers to,
   * directly or indirectly, and its own. Manifests that an index names but that are not in the
   * layout, such as those of platforms that were not copied, are not followed.
   */
  public Set<Digest> walk(Descriptor root) throws IOException {
    return reachable(root).all();
  }

  /** Returns the blobs that {@link #walk} finds, and which of them are configurations. */
  public ReachableBlobs reachable(Descriptor root) throws IOException {
    return new Reachable(files).from(root);
  }

  // Blobs

  /** Returns true if there is a blob of this digest and size. */
  public boolean has(Descriptor descriptor) throws IOException {
    return files.size(LayoutSource.path(descriptor.digest())) == descriptor.size();
  }

  /** Returns the size of a blob in bytes, or -1 if it does not exist. */
  public long size(Digest digest) throws IOException {
    return files.size(LayoutSource.path(digest));
  }

  /** Returns the path that a blob has or would have. */
  public Path place(Digest digest) {
    return path.resolve(LayoutSource.path(digest));
  }

  /**
   * Opens a blob. Its content is not verified.
   *
   * @param offset of the first byte to read
   * @return a stream that the caller closes
   */
  public InputStream open(Digest digest, long offset) throws IOException {
    return files.open(LayoutSource.path(digest), offset);
  }

  /** Reads and verifies a manifest, an index or a configuration. */
  public Document document(Descriptor descriptor) throws IOException {
    return new Document(descriptor.mediaType(), LayoutSource.document(files, descriptor));
  }

  /**
   * Returns a writer for a blob whose digest is not known yet.
   *
   * @return a writer that the caller commits and closes
   */
  public BlobWriter writer() throws IOException {
    return new BlobWriter(path, null);
  }

  /** Returns a writer for a blob that must have this digest and size. */
  public BlobWriter writer(Descriptor expected) throws IOException {
    return new BlobWriter(path, expected);
  }

  /** Writes a small blob, and replaces an existing one that is damaged. */
  public Descriptor write(String mediaType, byte[] bytes) throws IOException {
    Descriptor descriptor = Descriptor.of(mediaType, bytes);
    if (!has(descriptor) || !isIntact(descriptor.digest(), bytes)) {
      try (BlobWriter writer = writer(descriptor)) {
        writer.write(bytes);
        writer.commit();
      }
    }
    return descriptor;
  }

  private boolean isIntact(Digest digest, byte[] expected) throws IOException {
    try (InputStream in = open(digest, 0)) {
      return Arrays.equals(in.readNBytes(expected.length + 1), expected);
    }
  }

  // For garbage collection

  /** Returns the digests of all blobs. Files whose names are not digests are ignored. */
  public Set<Digest> blobs() throws IOException {
    Set<Digest> all = new HashSet<>();
    for (String algorithm : names(LayoutSource.BLOBS)) {
      for (String hex : names(LayoutSource.BLOBS + "/" + algorithm)) {
        try {
          all.add(Digest.parse(algorithm + ":" + hex));
        } catch (ImageException e) {
          // It is another tool's temporary file, or has a digest of an unknown algorithm.
          continue;
        }
      }
    }
    return all;
  }

  private List<String> names(String directory) throws IOException {
    try {
      return HostFiles.list(path.resolve(directory)).stream()
          .map(entry -> entry.getFileName().toString())
          .toList();
    } catch (NotDirectoryException e) {
      // It is another tool's file beside the directories of blobs.
      return List.of();
    }
  }

  /**
   * Removes a blob.
   *
   * @return false if it did not exist
   */
  public boolean delete(Digest digest) throws IOException {
    return Files.deleteIfExists(path.resolve(LayoutSource.path(digest)));
  }

  /**
   * Removes the temporary files of blobs that killed processes were writing.
   *
   * @return the number of files removed
   */
  public int removeAbandoned() throws IOException {
    int count = 0;
    try (LayoutLock lock = new LayoutLock(path)) {
      // A process that writes one of these holds the lock.
      lock.discard(NEW_INDEX);
      lock.discard(NEW_MARKER);
    }
    try (Fd blobs = BlobWriter.openBlobs(path)) {
      for (String name : names(LayoutSource.BLOBS)) {
        if (name.startsWith(HostFile.TEMPORARY_PREFIX) && removeUnlessLocked(blobs, name)) {
          count++;
        }
      }
    }
    return count;
  }

  private boolean removeUnlessLocked(Fd blobs, String name) throws IOException {
    Path directory = path.resolve(LayoutSource.BLOBS);
    HostFile abandoned = HostFile.in(blobs, name, HostPaths.text(directory));
    try (Fd file = HostFile.openBeneath(blobs, name, directory)) {
      return file != null && FileLock.tryLock(file, abandoned.toString()) && abandoned.remove();
    }
  }

  @Override
  public String toString() {
    return "oci:" + HostPaths.text(path);
  }
}
