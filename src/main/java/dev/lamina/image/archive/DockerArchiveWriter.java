package dev.lamina.image.archive;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.DigestingInput;
import dev.lamina.image.Document;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.Manifest;
import dev.lamina.image.MediaTypes;
import dev.lamina.image.Messages;
import dev.lamina.image.compress.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Writes an archive that {@code docker load}, podman and skopeo read: each layer once, as an
 * uncompressed tar, the configurations, and a {@code manifest.json}. In a tar the size of a file
 * precedes its data, so a compressed layer is decompressed twice: to determine its size, in the
 * thread that puts it, and when it is written.
 */
public final class DockerArchiveWriter extends ArchiveWriter {
  /** The uncompressed tars of the layers, by the digests that the layers were put under. */
  private final Map<Digest, Descriptor> tars = new ConcurrentHashMap<>();

  private final NavigableMap<String, byte[]> configs = new TreeMap<>();

  /** The digests that the layers were put under, by diff ID. */
  private final NavigableMap<Digest, Digest> layers = new TreeMap<>();

  private final List<DockerManifest.Image> images = new ArrayList<>();

  /**
   * @param file as for {@link ArchiveWriter}
   */
  public DockerArchiveWriter(Path file) throws IOException {
    super(file);
  }

  @Override
  void prepare(Descriptor descriptor) throws IOException {
    if (MediaTypes.isLayer(descriptor.mediaType())) {
      measure(descriptor);
    }
  }

  private Descriptor measure(Descriptor layer) throws IOException {
    Descriptor known = tars.get(layer.digest());
    if (known != null) {
      return known;
    }
    Descriptor tar;
    try (InputStream in = contents.open(layer.digest());
        DigestingInput digesting = new DigestingInput(Compression.decompressed(in))) {
      digesting.transferTo(OutputStream.nullOutputStream());
      tar = new Descriptor(MediaTypes.LAYER, digesting.digest(), digesting.count());
    }
    tars.put(layer.digest(), tar);
    return tar;
  }

  @Override
  void add(List<String> names, Document document) throws IOException {
    if (document.isIndex()) {
      throw new ImageException(
          "an image for several platforms cannot be written to a docker-archive: select one of its"
              + " platforms, or write an oci-archive");
    }
    Manifest manifest = document.manifest();
    byte[] config = contents.document(manifest.config());
    List<Digest> diffIds = ImageConfig.parse(config).diffIds();
    if (diffIds.size() != manifest.layers().size()) {
      throw new ImageException(
          "the image is damaged: its configuration has "
              + diffIds.size()
              + " layers, and its manifest has "
              + manifest.layers().size());
    }
    List<String> tags = new ArrayList<>();
    for (String name : names) {
      tags.add(tag(name));
    }
    List<String> files = new ArrayList<>();
    for (int i = 0; i < diffIds.size(); i++) {
      Descriptor layer = manifest.layers().get(i);
      Digest diffId = measure(layer).digest();
      if (!diffId.equals(diffIds.get(i))) {
        throw new ImageException(
            "the image is damaged: the diff ID of its layer "
                + layer.digest()
                + " is "
                + diffId
                + " instead of "
                + diffIds.get(i));
      }
      layers.put(diffId, layer.digest());
      files.add(diffId.hex() + ".tar");
    }
    String file = manifest.config().digest().hex() + ".json";
    configs.put(file, config);
    images.add(new DockerManifest.Image(file, tags, files));
  }

  /** Returns the long form of a name, which docker and podman treat like the short one. */
  private static String tag(String name) throws ImageException {
    ImageReference reference = ImageReference.parse(name);
    if (reference.tag() == null || reference.digest() != null) {
      throw new ImageException(
          "an image in a docker-archive must have a name with a tag and without a digest: "
              + Messages.quote(name));
    }
    return reference.toString();
  }

  @Override
  void write(TarOutput tar) throws IOException {
    NavigableMap<String, Digest> files = new TreeMap<>();
    layers.keySet().forEach(diffId -> files.put(diffId.hex() + ".tar", diffId));
    configs.keySet().forEach(name -> files.put(name, null));
    for (Map.Entry<String, Digest> entry : files.entrySet()) {
      if (entry.getValue() == null) {
        tar.file(entry.getKey(), configs.get(entry.getKey()));
      } else {
        writeLayer(tar, entry.getKey(), layers.get(entry.getValue()));
      }
    }
    tar.file(DockerManifest.FILE, new DockerManifest(images).bytes());
  }

  private void writeLayer(TarOutput tar, String name, Digest digest) throws IOException {
    try (InputStream in = contents.open(digest);
        InputStream layer = Compression.decompressed(in)) {
      tar.file(name, tars.get(digest), layer);
    }
  }
}
