package dev.lamina.image.store;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.Document;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageSource;
import dev.lamina.image.Json;
import dev.lamina.image.Manifest;
import dev.lamina.image.MediaTypes;
import dev.lamina.image.layout.OciLayout;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;

/** An image to be pulled, from memory; it can be made to lie. */
final class MemoryImage implements ImageSource {
  private final List<byte[]> blobs = new ArrayList<>();
  private final List<Descriptor> layers = new ArrayList<>();
  private final List<Digest> diffIds = new ArrayList<>();
  private final Map<Digest, byte[]> told = new HashMap<>();
  private final AtomicInteger opened = new AtomicInteger();

  /**
   * @param tars bottommost first
   */
  static MemoryImage of(byte[]... tars) {
    MemoryImage image = new MemoryImage();
    for (byte[] tar : tars) {
      image.layer(gzip(tar), Digest.of(tar));
    }
    return image;
  }

  /** One more layer, on top. */
  MemoryImage layer(byte[] blob, Digest diffId) {
    blobs.add(blob);
    layers.add(Descriptor.of(MediaTypes.LAYER_GZIP, blob));
    if (diffId != null) {
      diffIds.add(diffId);
    }
    return this;
  }

  /** A layer whose blob is not as large as is said. */
  MemoryImage layerOfSize(byte[] blob, Digest diffId, long size) {
    layer(blob, diffId);
    layers.set(layers.size() - 1, new Descriptor(MediaTypes.LAYER_GZIP, Digest.of(blob), size));
    return this;
  }

  /** Other bytes for a layer than its digest is of. */
  MemoryImage lie(int layer, byte[] other) {
    told.put(layers.get(layer).digest(), other);
    return this;
  }

  static byte[] gzip(byte[] data) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(data);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return bytes.toByteArray();
  }

  Descriptor blob(int layer) {
    return layers.get(layer);
  }

  Digest diffId(int layer) {
    return diffIds.get(layer);
  }

  Digest id() {
    return Digest.of(config());
  }

  /** How many configurations and layers were asked for. */
  int opened() {
    return opened.get();
  }

  private byte[] config() {
    var config = Json.object().put("architecture", "amd64").put("os", "linux");
    config
        .putObject("rootfs")
        .put("type", "layers")
        .set("diff_ids", Json.array(diffIds.stream().map(Digest::toString).toList()));
    return Json.bytes(config);
  }

  ImageConfig parsedConfig() throws IOException {
    return ImageConfig.parse(config());
  }

  Descriptor manifest() {
    return Descriptor.of(MediaTypes.MANIFEST, document().bytes());
  }

  /** Writes it as another tool would. */
  Descriptor writeTo(OciLayout layout, String name) throws IOException {
    for (byte[] blob : blobs) {
      layout.write(MediaTypes.LAYER_GZIP, blob);
    }
    layout.write(MediaTypes.CONFIG, config());
    Descriptor manifest = layout.write(MediaTypes.MANIFEST, document().bytes());
    layout.tag(name, manifest);
    return manifest;
  }

  @Override
  public Document document() {
    Manifest manifest = new Manifest(Descriptor.of(MediaTypes.CONFIG, config()), layers);
    return new Document(MediaTypes.MANIFEST, manifest.bytes());
  }

  @Override
  public Document document(Descriptor descriptor) {
    throw new AssertionError("there is no index");
  }

  @Override
  public InputStream open(Descriptor descriptor, long offset) {
    opened.incrementAndGet();
    byte[] bytes = told.get(descriptor.digest());
    for (byte[] blob : blobs) {
      bytes = bytes == null && Digest.of(blob).equals(descriptor.digest()) ? blob : bytes;
    }
    return new ByteArrayInputStream(bytes == null ? config() : bytes);
  }

  @Override
  public void close() {
    // Nothing is open.
  }

  @Override
  public String toString() {
    return "memory";
  }
}
