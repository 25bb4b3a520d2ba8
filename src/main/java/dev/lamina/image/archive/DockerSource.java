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
 * An image of a {@code docker save}. There is no manifest in it, so one is made: with OCI's media
 * types, which every tool knows, and the configuration as it is, whose digest is the image's ID. A
 * layer that is not compressed has its diff ID for a digest, which the configuration tells; of a
 * compressed one the digest is computed, unless it is the file's name.
 */
final class DockerSource implements ImageSource {
  private final ImageFiles files;
  private final String shown;
  private final Map<Digest, String> names = new HashMap<>();
  private final Document document;
  private final String name;

  /**
   * @param files the caller's to close, when this object is not used any more
   * @param shown as users write it
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
            "it names "
                + diffIds.size()
                + " layers, and the archive's manifest.json "
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
    throw new ImageException(shown + " is of one platform, and has no other manifests");
  }

  /** Read to its end from its first byte on, it is verified, so that the message names the file. */
  @Override
  public InputStream open(Descriptor descriptor, long offset) throws IOException {
    String name = names.get(descriptor.digest());
    if (name == null) {
      throw new ImageException("there is no " + descriptor.digest() + " in " + shown);
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
    // The archive is whoever's opened it.
  }

  @Override
  public String toString() {
    return shown;
  }
}
