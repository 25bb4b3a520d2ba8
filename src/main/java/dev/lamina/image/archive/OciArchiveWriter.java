package dev.lamina.image.archive;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.Document;
import dev.lamina.image.ImageException;
import dev.lamina.image.Manifest;
import dev.lamina.image.layout.LayoutIndex;
import dev.lamina.image.layout.LayoutMarker;
import dev.lamina.image.layout.LayoutSource;
import dev.lamina.image.layout.OciConversion;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Writes the tar of an OCI image layout, with its members sorted by name. A Docker image is
 * converted ({@link OciConversion}).
 */
public final class OciArchiveWriter extends ArchiveWriter {
  private final LayoutIndex index;

  /**
   * @param file as for {@link ArchiveWriter}
   */
  public OciArchiveWriter(Path file) throws IOException {
    super(file);
    index = new LayoutIndex("the archive", LayoutIndex.empty());
  }

  @Override
  void prepare(Descriptor descriptor) {
    // Content is written unchanged.
  }

  @Override
  void add(List<String> names, Document given) throws IOException {
    Document manifest = OciConversion.of(given);
    if (!manifest.isIndex()) {
      checkIsWhole(manifest.manifest());
    }
    Descriptor descriptor = Descriptor.of(manifest.effectiveMediaType(), manifest.bytes());
    contents.put(
        descriptor,
        offset -> {
          InputStream in = new ByteArrayInputStream(manifest.bytes());
          in.skipNBytes(offset);
          return in;
        });
    if (names.isEmpty()) {
      index.put(null, descriptor);
    }
    for (String name : names) {
      index.put(name, descriptor);
    }
  }

  private void checkIsWhole(Manifest manifest) throws ImageException {
    for (Descriptor part : manifest.parts()) {
      if (!contents.has(part) && part.urls().isEmpty()) {
        throw new ImageException("the image is incomplete: it has no blob " + part.digest());
      }
    }
  }

  @Override
  void write(TarOutput tar) throws IOException {
    tar.directory(LayoutSource.BLOBS);
    String algorithm = "";
    for (Map.Entry<Digest, Descriptor> entry : contents.descriptors().entrySet()) {
      Digest digest = entry.getKey();
      if (!digest.algorithm().equals(algorithm)) {
        algorithm = digest.algorithm();
        tar.directory(LayoutSource.BLOBS + "/" + algorithm);
      }
      try (InputStream in = contents.open(digest)) {
        tar.file(LayoutSource.path(digest), entry.getValue(), in);
      }
    }
    tar.file(LayoutIndex.FILE, index.bytes());
    tar.file(LayoutSource.MARKER, LayoutMarker.bytes());
  }
}
