package dev.lamina.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Document;
import dev.lamina.image.ImageReference;
import dev.lamina.image.ImageTarget;
import dev.lamina.image.Manifest;
import dev.lamina.image.MediaTypes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** An image with layers of random bytes, which depend only on a seed; other tools can read it. */
final class TestImage {
  private final Map<Descriptor, byte[]> contents = new LinkedHashMap<>();
  private final Manifest manifest;

  /**
   * @param sizes the size of the file in each layer, in bytes
   */
  TestImage(long seed, int... sizes) {
    Random random = new Random(seed);
    List<Descriptor> layers = new ArrayList<>();
    StringBuilder diffIds = new StringBuilder();
    for (int i = 0; i < sizes.length; i++) {
      byte[] data = new byte[sizes[i]];
      random.nextBytes(data);
      byte[] tar = tar("file" + i, data);
      diffIds.append(i == 0 ? "\"" : ",\"").append(Descriptor.of("", tar).digest()).append('"');
      layers.add(add(MediaTypes.LAYER_GZIP, gzip(tar)));
    }
    String config =
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"created\":\"2026-01-01T00:00:00Z\","
            + "\"config\":{\"Cmd\":[\"/bin/true\"]},"
            + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
            + diffIds
            + "]}}";
    manifest = new Manifest(add(MediaTypes.CONFIG, config.getBytes(UTF_8)), layers);
  }

  private Descriptor add(String type, byte[] bytes) {
    Descriptor descriptor = Descriptor.of(type, bytes);
    contents.put(descriptor, bytes);
    return descriptor;
  }

  private static byte[] tar(String name, byte[] data) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      TarArchiveEntry entry = new TarArchiveEntry(name);
      entry.setSize(data.length);
      entry.setModTime(0);
      tar.putArchiveEntry(entry);
      tar.write(data);
      tar.closeArchiveEntry();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] gzip(byte[] data) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(data);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return bytes.toByteArray();
  }

  /** Returns the descriptors of the configuration and the layers. */
  List<Descriptor> descriptors() {
    return List.copyOf(contents.keySet());
  }

  Descriptor layer(int index) {
    return manifest.layers().get(index);
  }

  byte[] bytes(Descriptor descriptor) {
    return contents.get(descriptor);
  }

  ImageTarget.Contents contents(Descriptor descriptor) {
    byte[] bytes = bytes(descriptor);
    return offset -> new ByteArrayInputStream(bytes, (int) offset, (int) (bytes.length - offset));
  }

  Document document() {
    return new Document(manifest.mediaType(), manifest.bytes());
  }

  /** Pushes the image as a user of the client does. */
  void push(RegistryClient client, String reference) throws IOException {
    try (RegistryTarget target =
        client.target(ImageReference.parse(reference), descriptor -> List.of())) {
      for (Descriptor descriptor : descriptors()) {
        if (!target.has(descriptor)) {
          target.put(descriptor, contents(descriptor));
        }
      }
      target.putManifest(document());
    }
  }
}
