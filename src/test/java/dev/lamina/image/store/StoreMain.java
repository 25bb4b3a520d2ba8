package dev.lamina.image.store;

import dev.lamina.image.Descriptor;
import dev.lamina.image.History;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.Platform;
import dev.lamina.image.Progress;
import dev.lamina.image.layer.LayerCompression;
import dev.lamina.image.layer.UnpackLimits;
import dev.lamina.image.layer.WrittenLayer;
import dev.lamina.image.layout.OciLayout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A process that does one thing with a store again and again, each time as a new process would. */
final class StoreMain {
  private StoreMain() {}

  /**
   * Arguments: the store, the layout that images come from, what to do (pull, commit, gc, rmi), how
   * often, a seed. Prints a line when it is ready, and begins when its input ends.
   */
  public static void main(String[] arguments) throws IOException {
    Path root = Path.of(arguments[0]);
    OciLayout source = OciLayout.open(Path.of(arguments[1]));
    int count = Integer.parseInt(arguments[3]);
    Random random = new Random(Long.parseLong(arguments[4]));
    System.out.println("ready");
    System.in.readAllBytes();
    for (int i = 0; i < count; i++) {
      step(root, source, arguments[2], random);
    }
  }

  static void step(Path root, OciLayout source, String what, Random random) throws IOException {
    switch (what) {
      case "pull" -> pull(root, source, "image" + random.nextInt(StoreImages.COUNT), random);
      case "commit" -> commit(root, random);
      case "gc" -> gc(root);
      case "rmi" -> remove(root, "image" + random.nextInt(StoreImages.COUNT));
      default -> throw new IllegalArgumentException(what);
    }
  }

  static Store open(Path root) throws IOException {
    return Store.open(root, UnpackLimits.DEFAULT, Progress.NONE);
  }

  static void pull(Path root, OciLayout layout, String name, Random random) throws IOException {
    try (Store store = open(root);
        ImageSource source = layout.source(name)) {
      StoredImage image = store.images().pull(source, Platform.host(), name);
      if (random.nextBoolean()) {
        store.images().tag(image, "tag" + random.nextInt(4));
      }
      store.trees().of(image);
    }
  }

  /** On top of an image that is always there. */
  static void commit(Path root, Random random) throws IOException {
    try (Store store = open(root)) {
      StoredImage parent = store.images().get("kept");
      int number = random.nextInt(6);
      byte[] tar = StoreImages.committed(number);
      try (var layer = store.images().newLayer(LayerCompression.GZIP)) {
        layer.tar().write(tar);
        WrittenLayer written = layer.commit();
        History step = new History("2026-01-01T00:00:00Z", "test", null, null, false);
        List<Descriptor> blobs = new ArrayList<>(parent.manifest().layers());
        blobs.add(written.descriptor());
        StoredImage made =
            store
                .images()
                .add(
                    parent.config().withLayer(written.diffId(), step, null),
                    blobs,
                    "committed" + number,
                    false);
        store.trees().of(made);
      }
    }
  }

  static void gc(Path root) throws IOException {
    try (Store store = open(root)) {
      store.garbage().collect(0);
    }
  }

  static void remove(Path root, String name) throws IOException {
    try (Store store = open(root)) {
      if (store.images().find(name) != null) {
        try {
          store.images().remove(name);
        } catch (ImageException e) {
          // Somebody else was quicker; anything else is wrong.
          if (!e.getMessage().contains("there is no image")) {
            throw e;
          }
        }
      }
    }
  }
}
