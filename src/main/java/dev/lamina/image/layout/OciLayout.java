package dev.lamina.image.layout;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.Document;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.ImageTarget;
import dev.lamina.image.Words;
import dev.lamina.image.file.HostFile;
import dev.lamina.image.file.HostFiles;
import dev.lamina.image.file.HostPaths;
import dev.lamina.sys.Fd;
import dev.lamina.sys.Linux;
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
 * An OCI image layout in a directory (OCI image layout specification): contents by digest, and an
 * index of images with names. Skopeo and umoci may read and write it in place.
 *
 * <p>Any number of threads and processes may use it at once. Contents and index are written beside
 * their places and renamed into them, after fsync: a reader sees the old or the new, a crash leaves
 * either. Each change of the index is made under {@link LayoutLock}. No symbolic link in it is
 * followed. Nothing is kept open, so there is nothing to close.
 *
 * <p>What is removed when is not decided here: {@link #walk}, {@link #blobs} and {@link #delete}
 * are for whoever does, who also must know what is about to get a name.
 */
public final class OciLayout {
  private static final String NEW_INDEX = ".lamina-index";
  private static final String NEW_MARKER = ".lamina-layout";

  /** What may be in a directory that is to become a layout, or is becoming one. */
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
   * A layout that is there.
   *
   * @throws ImageException when there is none
   */
  public static OciLayout open(Path path) throws IOException {
    OciLayout layout = new OciLayout(path);
    layout.index();
    return layout;
  }

  /**
   * A layout, made when there is none yet. Directories above it are made as well.
   *
   * @throws ImageException when the directory holds something else
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
            files + " is neither an OCI image layout nor empty: name another directory");
      }
    }
  }

  /** The marker comes last: what has it is a layout. */
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

  /** In the order of the index; those without a name are among them. */
  public List<LayoutImage> images() throws IOException {
    return index().images();
  }

  /**
   * The manifest or index of an image.
   *
   * @param name null for the only image; {@code @N} for the one at that place
   * @throws ImageException when there is none, or not only one; it lists the names there are
   */
  public Descriptor find(String name) throws IOException {
    return index().find(name);
  }

  /**
   * An image to read.
   *
   * @param name as for {@link #find}
   */
  public ImageSource source(String name) throws IOException {
    String shown = "oci:" + HostPaths.text(path) + (name == null ? "" : ":" + name);
    return new LayoutSource(files, find(name), shown);
  }

  /** Any image of the layout's, to read. */
  public ImageSource sourceOf(Descriptor image) {
    return new LayoutSource(files, image, "oci:" + HostPaths.text(path) + ":" + image.digest());
  }

  /**
   * Where an image is written to. A manifest of Docker's becomes one of OCI's, as skopeo has it, so
   * that its digest is another one; who wants to keep it uses {@link #write} and {@link #tag}.
   *
   * @param name that it gets at the end; another image that has it loses it. Null for none
   */
  public ImageTarget target(String name) {
    return new LayoutTarget(this, name);
  }

  /**
   * Gives an image a name; another one that has it loses it, and is not in the index any more
   * unless it has another name.
   *
   * @param name null to have it in the index without one
   * @param image whose document must be there
   */
  public void tag(String name, Descriptor image) throws IOException {
    if (name != null) {
      checkName(name);
    }
    if (!has(image)) {
      throw new ImageException(
          "there is no " + image.digest() + " of " + image.size() + " bytes in " + files);
    }
    change(index -> index.put(name, image));
  }

  /**
   * What an image may be called here.
   *
   * @throws ImageException for anything else
   */
  public static void checkName(String name) throws ImageException {
    if (name.isEmpty() || name.length() > 512 || name.startsWith("@") || !isPlain(name)) {
      throw new ImageException("not a name for an image: " + Words.quote(name));
    }
  }

  private static boolean isPlain(String name) {
    return name.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  /**
   * Takes a name away. What it named stays, but is not in the index any more.
   *
   * @return false when there was none
   */
  public boolean remove(String name) throws IOException {
    return change(index -> index.remove(name));
  }

  /**
   * Takes an image out of the index, with all its names.
   *
   * @param image the digest of its manifest or index
   * @return false when it was not there
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
      // What another process has just written may not be on the disk under its name yet.
      lock.syncBlobs();
      lock.replace(NEW_INDEX, LayoutIndex.FILE, index.bytes());
      return true;
    }
  }

  /**
   * Digests of everything an image, or any other contents, consists of, its own among them.
   * Manifests that an index names and that are not there, as of platforms that were not copied, are
   * not gone into.
   */
  public Set<Digest> walk(Descriptor root) throws IOException {
    return new Reachable(files).from(root);
  }

  // Contents

  /** True when contents of this digest and size are there. */
  public boolean has(Descriptor descriptor) throws IOException {
    return files.size(LayoutSource.path(descriptor.digest())) == descriptor.size();
  }

  /** The bytes that contents have; -1 when they are not there. */
  public long size(Digest digest) throws IOException {
    return files.size(LayoutSource.path(digest));
  }

  /** Where contents are, or would be. */
  public Path place(Digest digest) {
    return path.resolve(LayoutSource.path(digest));
  }

  /**
   * Contents, not verified.
   *
   * @param offset of the first byte that is wanted
   * @return the caller's to close
   */
  public InputStream open(Digest digest, long offset) throws IOException {
    return files.open(LayoutSource.path(digest), offset);
  }

  /** A manifest, an index or a configuration, whole and verified. */
  public Document document(Descriptor descriptor) throws IOException {
    return new Document(descriptor.mediaType(), LayoutSource.document(files, descriptor));
  }

  /**
   * For contents to be written.
   *
   * @return the caller's to commit, and to close
   */
  public BlobWriter writer() throws IOException {
    return new BlobWriter(path, null);
  }

  /** For contents that must have this digest and size. */
  public BlobWriter writer(Descriptor expected) throws IOException {
    return new BlobWriter(path, expected);
  }

  /** Writes small contents, also where those that are there are damaged. */
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

  /** Digests of all contents there are. Files that are not named as such are not looked at. */
  public Set<Digest> blobs() throws IOException {
    Set<Digest> all = new HashSet<>();
    for (String algorithm : names(LayoutSource.BLOBS)) {
      for (String hex : names(LayoutSource.BLOBS + "/" + algorithm)) {
        try {
          all.add(Digest.parse(algorithm + ":" + hex));
        } catch (ImageException e) {
          // Another tool's, of an algorithm that is not known here, or its temporary file.
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
      // Another tool's file beside the directories of contents.
      return List.of();
    }
  }

  /**
   * Removes contents.
   *
   * @return false when they were not there
   */
  public boolean delete(Digest digest) throws IOException {
    return Files.deleteIfExists(path.resolve(LayoutSource.path(digest)));
  }

  /**
   * Removes what processes that were killed have left of contents they were writing.
   *
   * @return how many files
   */
  public int removeAbandoned() throws IOException {
    int count = 0;
    try (LayoutLock lock = new LayoutLock(path)) {
      // Whoever writes one of these has the lock.
      lock.discard(NEW_INDEX);
      lock.discard(NEW_MARKER);
    }
    try (Fd root = HostFile.openDirectory(path);
        Fd blobs = BlobWriter.subdirectory(root, LayoutSource.BLOBS, HostPaths.text(path))) {
      for (String name : names(LayoutSource.BLOBS)) {
        if (name.startsWith(BlobWriter.PREFIX) && removeUnlessLocked(blobs, name)) {
          count++;
        }
      }
    }
    return count;
  }

  private boolean removeUnlessLocked(Fd blobs, String name) throws IOException {
    try (Fd file = HostFile.openBeneath(blobs, name, path)) {
      return file != null
          && Linux.flock(file.number(), Linux.LOCK_EX | Linux.LOCK_NB) == 0
          && Linux.unlinkat(blobs.number(), HostFile.name(name), 0) == 0;
    }
  }

  @Override
  public String toString() {
    return "oci:" + HostPaths.text(path);
  }
}
