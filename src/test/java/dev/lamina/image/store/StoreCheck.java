package dev.lamina.image.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.archive.ImageFacts;
import dev.lamina.image.layout.LayoutImage;
import dev.lamina.image.layout.OciLayout;
import dev.lamina.testing.Snapshot;
import dev.lamina.testing.Tree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Looks into a store by other means than the store's own. */
final class StoreCheck {
  private final Path root;

  StoreCheck(Path root) {
    this.root = root;
  }

  /** What has a name, and what is in it, for a path beneath the root that need not be there. */
  List<String> list(String directory) {
    Path path = root.resolve(directory);
    if (!Files.isDirectory(path)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(path)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  OciLayout layout() throws IOException {
    return OciLayout.open(root.resolve("images"));
  }

  /** Reads every image whole; its names and the digest of its manifest. */
  Map<String, Digest> imagesThatAreWhole() throws IOException {
    Map<String, Digest> all = new TreeMap<>();
    OciLayout layout = layout();
    for (LayoutImage image : layout.images()) {
      Descriptor descriptor = image.descriptor();
      ImageFacts.of(layout.sourceOf(descriptor));
      all.put(image.name() == null ? "" + descriptor.digest() : image.name(), descriptor.digest());
    }
    return all;
  }

  /** Hex digests of the unpacked layers. */
  List<String> layers() {
    return list("layers/sha256");
  }

  Map<String, String> tree(String layer) {
    return Snapshot.of(new Tree(root.resolve("layers/sha256").resolve(layer).resolve("tree")));
  }

  /** Fails unless each layer that is there is what it is in another store. */
  void assertLayersAreLike(Map<String, Map<String, String>> trees) {
    for (String layer : layers()) {
      Map<String, String> expected = trees.get(layer);
      if (expected == null) {
        throw new AssertionError("a layer that nobody made: " + layer);
      }
      Snapshot.assertSame("layer " + layer, expected, tree(layer));
    }
  }

  /** Fails when something is there that only a process that lives may have. */
  void assertNothingIsUnderWay() {
    assertEquals(List.of(), list("tmp"));
    assertEquals(List.of(), list("leases"));
    List<String> blobs = new ArrayList<>(list("images/blobs"));
    blobs.remove("sha256");
    assertEquals(List.of(), blobs, "unfinished blobs");
  }

  /** Fails when any image, or part of one, is there. */
  void assertEmpty() throws IOException {
    assertNothingIsUnderWay();
    assertEquals(List.of(), layers());
    assertEquals(List.of(), list("images/blobs/sha256"));
    assertEquals(List.of(), layout().images());
  }
}
