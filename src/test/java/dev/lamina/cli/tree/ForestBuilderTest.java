package dev.lamina.cli.tree;

import static dev.lamina.cli.tree.Images.diffId;
import static dev.lamina.cli.tree.Images.image;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lamina.image.ChainId;
import dev.lamina.image.Digest;
import dev.lamina.image.History;
import dev.lamina.image.store.StoredImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ForestBuilderTest {
  private final Images images = new Images();

  /** Returns a run as text: its layers, its names in brackets and its children in parentheses. */
  private static String shape(Run run, String... words) {
    StringBuilder shape = new StringBuilder();
    for (Layer layer : run.layers()) {
      for (String word : words) {
        shape.append(diffId(word).equals(layer.diffId()) ? word : "");
      }
      shape.append(layer.images());
    }
    if (!run.images().isEmpty()) {
      shape.append(run.images().stream().map(Image::names).toList());
    }
    for (Run child : run.children()) {
      shape.append('(').append(shape(child, words)).append(')');
    }
    return shape.toString();
  }

  private static List<String> shapes(Forest forest, String... words) {
    return forest.roots().stream().map(run -> shape(run, words)).toList();
  }

  @Test
  void anEmptyStoreIsAnEmptyForest() throws IOException {
    Forest forest = images.forest();
    assertEquals(List.of(), forest.roots());
    assertEquals(List.of(), forest.withoutLayers());
    assertEquals(new Summary(0, 0, Size.NONE, Size.NONE, Size.NONE), forest.summary());
  }

  @Test
  void oneLayerIsARoot() throws IOException {
    images.size("a", 5);
    Forest forest = images.forest(image(List.of("base"), "a"));
    assertEquals(List.of("a1[[base]]"), shapes(forest, "a"));
    Size five = new Size(5, true);
    Layer layer = forest.roots().get(0).layers().get(0);
    assertEquals(diffId("a"), layer.chainId());
    assertEquals(five, layer.size());
    assertEquals("a", layer.step().createdBy());
    assertEquals(new Summary(1, 1, five, Size.NONE, five), forest.summary());
  }

  @Test
  void sharedLayersAreOnePath() throws IOException {
    Forest forest =
        images.forest(
            image(List.of("base"), "a", "b"),
            image(List.of("one"), "a", "b", "c", "d"),
            image(List.of("two"), "a", "b", "c", "e", "f"),
            image(List.of("other"), "x"));
    assertEquals(
        List.of("a3b3[[base]](c2(d1[[one]])(e1f1[[two]]))", "x1[[other]]"),
        shapes(forest, "a", "b", "c", "d", "e", "f", "x"));
  }

  /** Images branch where their chain IDs differ, and never share a node again. */
  @Test
  void aLayerOnAnotherBaseIsAnotherNode() throws IOException {
    images.size("a", 1);
    images.size("b", 2);
    images.size("c", 10);
    Forest forest =
        images.forest(
            image(List.of("one"), "a", "c"),
            image(List.of("two"), "b", "c"),
            image(List.of("three"), "c", "a"));
    assertEquals(
        List.of("a1c1[[one]]", "c1a1[[three]]", "b1c1[[two]]"), shapes(forest, "a", "b", "c"));
    List<Digest> chain = ChainId.all(List.of(diffId("a"), diffId("c")));
    assertEquals(chain, forest.roots().get(0).layers().stream().map(Layer::chainId).toList());
    // The layer is stored only once.
    Summary summary = forest.summary();
    assertEquals(3, summary.layers());
    assertEquals(13, summary.stored().bytes());
    assertEquals(11, summary.shared().bytes());
    assertEquals(34, summary.apart().bytes());
    Image two = forest.roots().get(2).images().get(0);
    assertEquals(12, two.size().bytes());
    assertEquals(10, two.shared().bytes());
  }

  @Test
  void anImageWithoutLayersIsInNoTree() throws IOException {
    Forest forest = images.forest(image(List.of("none")), image(List.of("base"), "a"));
    assertEquals(List.of("a1[[base]]"), shapes(forest, "a"));
    assertEquals(List.of("none"), forest.withoutLayers().get(0).names());
    assertEquals(2, forest.summary().images());
  }

  @Test
  void namesAreSortedAndImagesWithoutOneComeLast() throws IOException {
    Forest forest =
        images.forest(
            image(List.of(), "a", "b"),
            image(List.of("z", "m"), "a", "c"),
            image(List.of("n"), "a", "d"));
    assertEquals(List.of("a3(c1[[m, z]])(d1[[n]])(b1[[]])"), shapes(forest, "a", "b", "c", "d"));
  }

  @Test
  void imagesOfTheSameLayersStandOnTheSameOne() throws IOException {
    List<History> steps = List.of(Images.step("a", null));
    Forest forest =
        images.forest(
            image(List.of("one"), "me", steps, "a"),
            image(List.of("two"), "you", steps, "a"),
            image(List.of(), "nobody", steps, "a"));
    assertEquals(List.of("a3[[one], [two], []]"), shapes(forest, "a"));
  }

  @Test
  void aLayerThatIsNotUnpackedIsAsLargeAsItsBlob() throws IOException {
    images.size("a", 100);
    Forest forest = images.forest(image(List.of("base"), "a", "b", "b"));
    List<Layer> layers = forest.roots().get(0).layers();
    assertEquals(new Size(100, true), layers.get(0).total());
    assertEquals(new Size(Images.PACKED, false), layers.get(1).size());
    assertEquals(new Size(100 + 2 * Images.PACKED, false), layers.get(2).total());
    assertEquals(new Size(100 + Images.PACKED, false), forest.summary().stored());
  }

  @Test
  void stepsWithoutLayersAreSkippedAndMissingOnesAreNotMadeUp() throws IOException {
    StoredImage silent = image(List.of("a"), "a", "b");
    StoredImage told = withHistory(List.of("b"), "a", "b");
    List<Layer> layers = images.forest(silent, told).roots().get(0).layers();
    assertEquals("a", layers.get(0).step().createdBy());
    List<Layer> onlyTold = images.forest(told).roots().get(0).layers();
    assertEquals("second step", onlyTold.get(0).step().createdBy());
    assertNull(onlyTold.get(1).step());
  }

  /** The first step made no layer, and the history does not cover the last layer. */
  private static StoredImage withHistory(List<String> names, String... layers) throws IOException {
    StoredImage whole = image(names, layers);
    ObjectNode document = whole.config().json();
    ArrayNode steps = document.putArray("history");
    steps.addObject().put("created_by", "first step").put("empty_layer", true);
    steps.addObject().put("created_by", "second step");
    return new StoredImage(names, whole.descriptor(), whole.manifest(), Images.parse(document));
  }

  @Test
  void mountsAreOfTheirImage() throws IOException {
    StoredImage base = image(List.of("base"), "a");
    StoredImage gone = image(List.of(), "a", "b");
    ForestBuilder builder = images.builder();
    builder.add(base);
    builder.add(base, new Mount("web", false, null));
    builder.add(base, new Mount("db", true, "/mnt"));
    builder.add(gone, new Mount("old", false, "/old"));
    Forest forest = builder.build();
    assertEquals(List.of("a2[[base]](b1[[]])"), shapes(forest, "a", "b"));
    Run root = forest.roots().get(0);
    assertEquals(
        List.of("db", "web"), root.images().get(0).mounts().stream().map(Mount::name).toList());
    assertEquals("old", root.children().get(0).images().get(0).mounts().get(0).name());
  }

  @Test
  void theTreeOfOneImageIsThatOfItsBase() throws IOException {
    StoredImage base = image(List.of("base"), "a");
    StoredImage app = image(List.of("app"), "a", "b");
    StoredImage other = image(List.of("other"), "x");
    StoredImage none = image(List.of("none"));
    ForestBuilder builder = images.builder();
    List.of(base, app, other, none).forEach(builder::add);
    builder.keepTreeOf(app);
    Forest forest = builder.build();
    assertEquals(List.of("a2[[base]](b1[[app]])"), shapes(forest, "a", "b"));
    assertEquals(List.of(), forest.withoutLayers());
    assertEquals(2, forest.summary().images());

    builder = images.builder();
    List.of(base, app, other, none).forEach(builder::add);
    builder.keepTreeOf(none);
    forest = builder.build();
    assertEquals(List.of(), forest.roots());
    assertEquals(List.of("none"), forest.withoutLayers().get(0).names());
  }

  /** For random images every path exists exactly once, in whatever order they are added. */
  @Test
  void twoHundredImages() throws IOException {
    Random random = new Random(4);
    List<StoredImage> all = new ArrayList<>();
    Set<Digest> chains = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      String[] layers = new String[1 + random.nextInt(12)];
      for (int k = 0; k < layers.length; k++) {
        layers[k] = "layer " + k + "." + random.nextInt(k < 3 ? 2 : 5);
      }
      List<String> names = i % 5 == 0 ? List.of() : List.of("image" + i);
      all.add(image(names, "number " + i, Collections.nCopies(12, Images.step("x", "")), layers));
      chains.addAll(ChainId.all(Arrays.stream(layers).map(Images::diffId).toList()));
    }
    Forest forest = images.forest(all.toArray(StoredImage[]::new));
    List<Digest> found = new ArrayList<>();
    int[] tops = new int[1];
    forest.roots().forEach(run -> collect(run, null, found, tops));
    assertEquals(chains.size(), found.size());
    assertEquals(chains, new HashSet<>(found));
    assertEquals(200, tops[0]);
    assertEquals(2, forest.roots().size());
    Collections.shuffle(all, random);
    assertEquals(forest, images.forest(all.toArray(StoredImage[]::new)));
  }

  private static void collect(Run run, Digest below, List<Digest> found, int[] tops) {
    Digest chain = below;
    for (Layer layer : run.layers()) {
      List<Digest> pair = chain == null ? List.of() : List.of(chain, layer.diffId());
      assertEquals(
          pair.isEmpty() ? layer.diffId() : ChainId.all(pair).get(1),
          layer.chainId(),
          "it lies on its parent");
      chain = layer.chainId();
      found.add(chain);
    }
    tops[0] += run.images().size();
    assertTrue(!run.images().isEmpty() || run.children().size() > 1, "a run ends for a reason");
    for (Run child : run.children()) {
      collect(child, chain, found, tops);
    }
  }

  @Test
  void aThousandLayersAreOneRun() throws IOException {
    String[] layers = new String[1000];
    Arrays.setAll(layers, i -> "layer " + i);
    Forest forest = images.forest(image(List.of("deep"), layers));
    assertEquals(1000, forest.roots().get(0).layers().size());
    assertEquals(1003, TextTree.of(forest, Images.LABELS, Lines.BOX).lines().count());
    assertEquals(1000, JsonTree.of(forest).at("/trees/0/layers").size());
    assertEquals(
        1000, SvgTree.of(forest, Images.LABELS).split("class=\"(layer|image)\"").length - 1);
  }
}
