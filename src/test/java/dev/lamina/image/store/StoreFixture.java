package dev.lamina.image.store;

import dev.lamina.image.ImageSource;
import dev.lamina.image.Platform;
import dev.lamina.image.Progress;
import dev.lamina.image.layer.UnpackLimits;
import dev.lamina.image.store.TestImages.Layer;
import dev.lamina.image.tar.RawTar;
import dev.lamina.testing.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A store, and a layout with images of two layers to bring into it. */
abstract class StoreFixture {
  Sandbox sandbox;
  Path root;
  TestImages images;
  Layer base;
  Layer top;
  Layer other;

  @BeforeEach
  void makeImages() throws IOException {
    sandbox = new Sandbox();
    root = sandbox.root().resolve("store");
    images = new TestImages(sandbox.root().resolve("layout"));
    base = images.layer(new RawTar().mode(0755).directory("./").file("base", "b").end().bytes());
    top = images.layer(new RawTar().file("top", "t").file(".wh.base", "").end().bytes());
    other = images.layer(new RawTar().file("other", "o").end().bytes());
    images.image("both", List.of(base, top));
    images.image("base", List.of(base));
    images.image("other", List.of(base, other));
  }

  @AfterEach
  void cleanUp() {
    sandbox.close();
  }

  Store open() throws IOException {
    return open(Progress.NONE);
  }

  Store open(Progress progress) throws IOException {
    return Store.open(root, UnpackLimits.DEFAULT, progress);
  }

  StoredImage pull(Store store, String image) throws IOException {
    try (ImageSource source = images.layout().source(image)) {
      return store.images().pull(source, Platform.host(), image);
    }
  }

  /** Everything that is in the store but what each process makes for itself. */
  List<String> contents() throws IOException {
    List<String> all = new ArrayList<>();
    for (String directory : List.of("images/blobs/sha256", "layers/sha256", "tmp", "leases")) {
      Path path = root.resolve(directory);
      if (Files.isDirectory(path)) {
        try (Stream<Path> entries = Files.list(path)) {
          entries.forEach(entry -> all.add(directory + "/" + entry.getFileName()));
        }
      }
    }
    return all.stream().sorted().toList();
  }
}
