package dev.lamina.image.store;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageSource;
import dev.lamina.image.Platform;
import dev.lamina.image.layout.OciLayout;
import dev.lamina.image.tar.RawTar;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/** Images that overlap, the same ones each time, and what their layers look like unpacked. */
final class StoreImages {
  static final int COUNT = 4;
  private static final int LAYERS = 6;

  private StoreImages() {}

  /** A layer of some files, large enough to be interrupted. */
  static byte[] layer(int number) {
    Random random = new Random(number);
    RawTar tar = new RawTar().directory("./").directory("d" + number + "/");
    for (int i = 0; i < 24; i++) {
      byte[] bytes = new byte[random.nextInt(12_000)];
      random.nextBytes(bytes);
      tar.file("d" + number + "/file" + i, new String(bytes, ISO_8859_1));
    }
    return tar.symlink("link" + number, "d" + number).end().bytes();
  }

  static byte[] committed(int number) {
    return layer(100 + number);
  }

  /** Three of the layers, of which each is in several images. */
  static MemoryImage image(int number) {
    return MemoryImage.of(
        layer(number % LAYERS), layer((number + 1) % LAYERS), layer((number + 2) % LAYERS));
  }

  /** The image that is never removed. */
  static MemoryImage kept() {
    return MemoryImage.of(layer(0), layer(50));
  }

  /** Writes all of them: image0, image1, ... */
  static OciLayout write(Path directory) throws IOException {
    OciLayout layout = OciLayout.create(directory);
    for (int i = 0; i < COUNT; i++) {
      image(i).writeTo(layout, "image" + i);
    }
    kept().writeTo(layout, "kept");
    return layout;
  }

  /** What each layer is, by the hex digits of its diff ID, unpacked where nobody disturbs. */
  static Map<String, Map<String, String>> trees(OciLayout layout, Path root) throws IOException {
    MemoryImage committed = MemoryImage.of();
    for (int i = 0; i < 6; i++) {
      committed.layer(MemoryImage.gzip(committed(i)), Digest.of(committed(i)));
    }
    try (Store store = StoreMain.open(root)) {
      for (int i = 0; i < COUNT; i++) {
        try (ImageSource source = layout.source("image" + i)) {
          store.images().pull(source, Platform.host(), null);
        }
      }
      try (ImageSource source = layout.source("kept")) {
        store.images().pull(source, Platform.host(), null);
      }
      store.images().pull(committed, Platform.host(), null);
    }
    StoreCheck check = new StoreCheck(root);
    Map<String, Map<String, String>> trees = new HashMap<>();
    check.layers().forEach(layer -> trees.put(layer, check.tree(layer)));
    return trees;
  }
}
