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
import dev.lamina.image.Words;
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
 * Writes what {@code docker load}, podman and skopeo read: the layers' tars, not compressed, each
 * once, the configurations, and a {@code manifest.json}. A tar's header tells the size before the
 * data come, so a compressed layer is decompressed twice: when it is put, by the thread that puts
 * it, to learn its size, and when it is written.
 */
public final class DockerArchiveWriter extends ArchiveWriter {
  /** What a compressed layer, by its digest, is without compression. */
  private final Map<Digest, Descriptor> tars = new ConcurrentHashMap<>();

  private final NavigableMap<String, byte[]> configs = new TreeMap<>();

  /** By diff ID; the digest that the layer was put under. */
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
          "an archive of docker's has images of one platform: choose one, or write an oci-archive");
    }
    Manifest manifest = document.manifest();
    byte[] config = contents.document(manifest.config());
    List<Digest> diffIds = ImageConfig.parse(config).diffIds();
    if (diffIds.size() != manifest.layers().size()) {
      throw new ImageException(
          "the image's configuration names "
              + diffIds.size()
              + " layers, and its manifest "
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
            "layer "
                + layer.digest()
                + " is "
                + diffId
                + ", and the image names "
                + diffIds.get(i));
      }
      layers.put(diffId, layer.digest());
      files.add(diffId.hex() + ".tar");
    }
    String file = manifest.config().digest().hex() + ".json";
    configs.put(file, config);
    images.add(new DockerManifest.Image(file, tags, files));
  }

  /** In the long form, which docker and podman take for the same image. */
  private static String tag(String name) throws ImageException {
    ImageReference reference = ImageReference.parse(name);
    if (reference.tag() == null || reference.digest() != null) {
      throw new ImageException(
          "an image has a name and a tag in docker's archive, and no digest: " + Words.quote(name));
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
