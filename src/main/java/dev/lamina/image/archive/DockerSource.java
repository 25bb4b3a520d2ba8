package dev.lamina.image.archive;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.DigestingInput;
import dev.lamina.image.Document;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.Manifest;
import dev.lamina.image.MediaTypes;
import dev.lamina.image.compress.Compression;
import dev.lamina.image.layout.ImageFiles;
import dev.lamina.image.layout.LayoutSource;
import dev.lamina.image.tar.TarNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An image in an archive in the format of {@code docker save}. The archive has no manifest for it,
 * so this class makes one with OCI's media types, which every tool reads, and the unchanged
 * configuration, whose digest is the image's ID. The digest of an uncompressed layer is its diff
 * ID, which the configuration contains; that of a compressed layer is computed unless it is the
 * file's name.
 */
final class DockerSource implements ImageSource {
  private final ImageFiles files;
  private final String shown;
  private final Map<Digest, String> names = new HashMap<>();
  private final Document document;
  private final String name;

  /**
   * @param files of the archive, which the caller closes when the source is no longer used
   * @param shown the image for messages, as users write it
   */
  DockerSource(ImageFiles files, DockerManifest.Image image, String shown) throws IOException {
    this.files = files;
    this.shown = shown;
    name = image.names().isEmpty() ? null : image.names().get(0);
    byte[] config = files.document(TarNames.normalized(image.config(), shown));
    List<Digest> diffIds = diffIds(image, config);
    List<Descriptor> layers = new ArrayList<>();
    for (int i = 0; i < diffIds.size(); i++) {
      String name = TarNames.normalized(image.layers().get(i), shown);
      Descriptor layer = describe(name, diffIds.get(i));
      names.put(layer.digest(), name);
      layers.add(layer);
    }
    Descriptor described = Descriptor.of(MediaTypes.CONFIG, config);
    names.put(described.digest(), TarNames.normalized(image.config(), shown));
    document = new Document(MediaTypes.MANIFEST, new Manifest(described, layers).bytes());
  }

  private List<Digest> diffIds(DockerManifest.Image image, byte[] config) throws ImageException {
    try {
      List<Digest> diffIds = ImageConfig.parse(config).diffIds();
      if (diffIds.size() != image.layers().size()) {
        throw new ImageException(
            "it has "
                + diffIds.size()
                + " layers, and the archive's manifest.json has "
                + image.layers().size());
      }
      return diffIds;
    } catch (ImageException e) {
      throw new ImageException(files.describe(image.config()) + ": " + e.getMessage(), e);
    }
  }

  private Descriptor describe(String name, Digest diffId) throws IOException {
    long size = files.size(name);
    if (size < 0) {
      throw files.missing(name);
    }
    Compression compression;
    try (InputStream in = files.open(name, 0)) {
      byte[] start = in.readNBytes(Compression.MAGIC_SIZE);
      compression = Compression.of(start, start.length);
    }
    Digest digest = compression == Compression.NONE ? diffId : digest(name);
    return new Descriptor(compression.layerType(), digest, size);
  }

  private Digest digest(String name) throws IOException {
    String blobs = LayoutSource.BLOBS + "/" + Digest.SHA256 + "/";
    if (name.startsWith(blobs)) {
      return Digest.parse(Digest.SHA256 + ":" + name.substring(blobs.length()));
    }
    try (DigestingInput in = new DigestingInput(files.open(name, 0))) {
      in.transferTo(OutputStream.nullOutputStream());
      return in.digest();
    }
  }

  @Override
  public Document document() {
    return document;
  }

  @Override
  public Document document(Descriptor descriptor) throws ImageException {
    throw new ImageException(shown + " is an image for one platform and has no other manifests");
  }

  /** A stream that is read from the beginning to the end is verified; its error names the file. */
  @Override
  public InputStream open(Descriptor descriptor, long offset) throws IOException {
    String name = names.get(descriptor.digest());
    if (name == null) {
      throw new ImageException(shown + " does not contain " + descriptor.digest());
    }
    InputStream in = files.open(name, offset);
    return offset > 0 ? in : new VerifyingInput(in, descriptor.digest(), files.describe(name));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void close() {
    // The files belong to the caller of the constructor.
  }

  @Override
  public String toString() {
    return shown;
  }
}
