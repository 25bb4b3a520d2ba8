package dev.lamina.image.store;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.History;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.Manifest;
import dev.lamina.image.MediaTypes;
import dev.lamina.image.Platform;
import dev.lamina.image.layout.OciLayout;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Small images in a layout, whole or with something wrong. */
final class TestImages {
  private static final long BEGINNING = 1_700_000_000;

  private final OciLayout layout;

  TestImages(Path directory) throws IOException {
    layout = OciLayout.create(directory);
  }

  OciLayout layout() {
    return layout;
  }

  /** A layer as it is described, which need not be as it is. */
  record Layer(Descriptor blob, Digest diffId) {}

  /** A layer whose blob is in the layout. */
  Layer layer(byte[] tar) throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
      gzip.write(tar);
    }
    return new Layer(layout.write(MediaTypes.LAYER_GZIP, compressed.toByteArray()), Digest.of(tar));
  }

  /** An image of layers, bottommost first. */
  Descriptor image(String name, List<Layer> layers) throws IOException {
    return image(name, layers.stream().map(Layer::blob).toList(), diffIds(layers));
  }

  static List<Digest> diffIds(List<Layer> layers) {
    return layers.stream().map(Layer::diffId).toList();
  }

  Descriptor image(String name, List<Descriptor> blobs, List<Digest> diffIds) throws IOException {
    ImageConfig config = ImageConfig.empty(Platform.host());
    for (int i = 0; i < diffIds.size(); i++) {
      String time = Instant.ofEpochSecond(BEGINNING + i).toString();
      config = config.withLayer(diffIds.get(i), new History(time, "made", null, null, false), null);
    }
    Descriptor configBlob = layout.write(MediaTypes.CONFIG, config.bytes());
    Manifest manifest = new Manifest(configBlob, new ArrayList<>(blobs));
    Descriptor descriptor = layout.write(manifest.mediaType(), manifest.bytes());
    layout.tag(name, descriptor);
    return descriptor;
  }
}
