package dev.lamina.cli.tree;

import static dev.lamina.cli.tree.Images.id;
import static dev.lamina.cli.tree.Images.image;
import static dev.lamina.cli.tree.Images.step;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lamina.image.Digest;
import dev.lamina.image.History;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import dev.lamina.image.store.StoredImage;
import java.awt.Rectangle;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

class TreeWritersTest {
  /** A name with characters that control a terminal, and one with characters special in XML. */
  private static final String CONTROL = "evil\u001b[2J\u202e\n";

  private static final String MARKUP = "</text><script>alert(\"1\")</script>&amp;'";

  private final Images images = new Images();

  @BeforeEach
  void sizes() {
    images.size("a", 1000);
    images.size("b", 20);
    images.size("c", 3);
    images.size("e", 0);
    images.size("x", 5);
  }

  private ForestBuilder several() {
    StoredImage base = image(List.of("base:1", "base:latest"), "a");
    ForestBuilder builder = images.builder();
    builder.add(base, new Mount("web", false, "/mnt/web"));
    builder.add(base, new Mount("old", true, null));
    builder.add(image(List.of("app:1"), "a", "b", "c"));
    builder.add(image(List.of("app:2"), "a", "b", "d"));
    StoredImage replaced =
        image(List.of(), null, List.of(step("a", null), step("RUN  make", "again")), "a", "e");
    builder.add(replaced, new Mount("kept", false, null));
    builder.add(image(List.of("other"), "x"));
    builder.add(image(List.of("scratch")));
    return builder;
  }

  private static StoredImage replaced() {
    List<History> steps = List.of(step("a", null), step("RUN  make", "again"));
    return image(List.of(), null, steps, "a", "e");
  }

  /**
   * Each digest in the text is a letter twelve times: that of the layer, or N for the image without
   * a name.
   */
  private static String withDigests(String expected) {
    String text = expected.replace("N".repeat(12), replaced().id().abbreviated());
    for (String layer : List.of("a", "b", "c", "d", "e", "x")) {
      text = text.replace(layer.toUpperCase(Locale.ROOT).repeat(12), id(layer));
    }
    return text;
  }

  @Test
  void textIsATable() throws IOException {
    String expected =
        """
        LAYER                  SIZE   TOTAL  IN  NAMES                CREATED BY
        ● AAAAAAAAAAAA        1000B   1000B   4  base:1, base:latest  a
        ├─ ◇ old                                 kept, read-only
        ├─ ◆ web                                 mounted              /mnt/web
        ├─ ○ BBBBBBBBBBBB       20B   1020B   2                       b
        │  ├─ ● CCCCCCCCCCCC     3B   1023B   1  app:1                c
        │  └─ ● DDDDDDDDDDDD    ~7B  ~1027B   1  app:2                d
        └─ ● EEEEEEEEEEEE        0B   1000B   1  <none> NNNNNNNNNNNN  RUN make (again)
           └─ ◇ kept                             kept

        ● XXXXXXXXXXXX           5B      5B   1  other                x

        ● (no layers)            0B      0B      scratch

        6 images, 6 layers: ~1035B, 1020B of it shared; apart, the images would take ~4055B
        """;
    assertEquals(withDigests(expected), TextTree.of(several().build(), Images.LABELS, Lines.BOX));
  }

  @Test
  void layersWithoutNameOrBranchStandBelowEachOther() throws IOException {
    images.size("a", 1);
    Forest forest =
        images.forest(
            image(List.of("one"), "a", "b", "c"), image(List.of("two"), "a", "b", "d", "e"));
    String expected =
        """
        LAYER              SIZE  TOTAL  IN  NAMES  CREATED BY
        o AAAAAAAAAAAA       1B     1B   2         a
        o BBBBBBBBBBBB      20B    21B   2         b
        |- * CCCCCCCCCCCC    3B    24B   1  one    c
        `- o DDDDDDDDDDDD   ~7B   ~28B   1         d
           * EEEEEEEEEEEE    0B   ~28B   1  two    e

        2 images, 5 layers: ~31B, 21B of it shared; apart, the images would take ~52B
        """;
    assertEquals(withDigests(expected), TextTree.of(forest, Images.LABELS, Lines.ASCII));
  }

  @Test
  void anEmptyStoreIsSaid() throws IOException {
    Forest forest = images.forest();
    String text = TextTree.of(forest, Images.LABELS, Lines.BOX);
    assertEquals("LAYER  SIZE  TOTAL  IN  NAMES  CREATED BY\n\nno images\n", text);
    assertTrue(texts(parse(SvgTree.of(forest, Images.LABELS))).contains("no images"));
    assertEquals(0, JsonTree.of(forest).get("trees").size());
  }

  @Test
  void withoutTruncationAllIsWhole() throws IOException {
    String long1 = "/bin/sh -c #(nop)  " + "word ".repeat(40) + "end";
    Forest forest = images.forest(image(List.of("base"), long1));
    Labels whole = new Labels(true, bytes -> bytes + "B");
    String text = TextTree.of(forest, whole, Lines.ASCII);
    assertTrue(text.contains(Images.diffId(long1).toString()), text);
    assertTrue(text.contains(long1), text);
    String shortened = TextTree.of(forest, Images.LABELS, Lines.ASCII);
    assertTrue(shortened.contains("base   word word "), shortened);
    assertTrue(shortened.contains(" word~\n"), shortened);
  }

  @Test
  void stepsLoseWhatIsOnEveryOne() {
    assertEquals(
        "apt update",
        Images.LABELS.step(
            step("RUN /bin/sh -c apt update # buildkit", "buildkit.dockerfile.v0"), 50));
    assertEquals(
        "CMD [\"sh\"]", Images.LABELS.step(step("/bin/sh -c #(nop)  CMD [\"sh\"]", ""), 50));
    assertEquals("a comment", Images.LABELS.step(step(null, "a comment"), 50));
    assertEquals("", Images.LABELS.step(null, 50));
    // A character of two Java chars is not split.
    assertEquals("😀😀~", Images.LABELS.step(step("😀😀😀😀", null), 3));
  }

  @Test
  void hostileNamesAndStepsAreHarmless() throws IOException {
    images.size(CONTROL, 1);
    images.size(MARKUP, 1);
    StoredImage image = image(List.of(CONTROL, MARKUP), CONTROL, MARKUP);
    ForestBuilder builder = images.builder();
    builder.add(image, new Mount("m", false, "/mnt/" + MARKUP + CONTROL));
    Forest forest = builder.build();

    for (boolean isWhole : new boolean[] {true, false}) {
      Labels labels = new Labels(isWhole, bytes -> bytes + "B");
      String text = TextTree.of(forest, labels, Lines.BOX);
      assertFalse(text.contains("\u001b") || text.contains("\u202e"), text);
      assertEquals(6, text.lines().count(), text);

      String svg = SvgTree.of(forest, labels);
      assertFalse(svg.contains("<script") || svg.contains("\u001b"), svg);
      Document document = parse(svg);
      assertEquals(0, document.getElementsByTagName("script").getLength());
      assertTrue(texts(document).contains(MARKUP), texts(document).toString());
      assertTrue(texts(document).contains("evil?[2J??"), texts(document).toString());
    }
    // In JSON, for programs, they are unchanged.
    JsonNode names = JsonTree.of(forest).at("/trees/0/images/0/names");
    assertEquals(CONTROL, names.get(1).textValue());
    assertEquals(MARKUP, names.get(0).textValue());
  }

  @Test
  void whatXmlCannotSayIsReplaced() {
    assertEquals("a\ufffd\ufffd\ufffd😀", Xml.escape("a\ud800\uffff\u0000😀"));
    assertEquals("&lt;&gt;&amp;&quot;'", Xml.escape("<>&\"'"));
  }

  @Test
  void thePictureHasAllAndNeedsNothing() throws IOException {
    String svg = SvgTree.of(several().build(), Images.LABELS);
    Document document = parse(svg);
    List<String> texts = texts(document);
    for (String text :
        List.of(
            "base:1",
            "base:latest",
            "app:1",
            "app:2",
            "other",
            "scratch",
            "web",
            "old",
            "kept",
            "mounted",
            "kept, read-only",
            "/mnt/web",
            "no layers",
            "in 4 images",
            "<none> " + replaced().id().abbreviated(),
            id("d") + " · ~7B")) {
      assertTrue(texts.contains(text), text + " in " + texts);
    }
    // There are 6 layers, an image without layers, 3 mounts and the background.
    assertEquals(11, document.getElementsByTagName("rect").getLength());
    assertEquals(7, document.getElementsByTagName("path").getLength());
    for (String foreign : List.of("<script", "href", "url(", "@import", "@font-face")) {
      assertFalse(svg.contains(foreign), foreign);
    }
    assertEquals(svg, SvgTree.of(several().build(), Images.LABELS));
  }

  /** Boxes do not overlap and lie within the picture, and text lies within its box. */
  @Test
  void boxesDoNotOverlap() throws IOException {
    Random random = new Random(7);
    ForestBuilder builder = images.builder();
    for (int i = 0; i < 60; i++) {
      String[] layers = new String[1 + random.nextInt(8)];
      Arrays.setAll(layers, k -> "layer " + k + "." + random.nextInt(3));
      List<String> names = new ArrayList<>();
      for (int k = random.nextInt(6); k > 0; k--) {
        names.add("a/name:" + i + "." + k + "x".repeat(random.nextInt(40)));
      }
      StoredImage image = image(names, layers);
      builder.add(image);
      if (i % 3 == 0) {
        builder.add(image, new Mount("mount" + i, false, i % 2 == 0 ? null : "/mnt/" + i));
      }
    }
    Document document = parse(SvgTree.of(builder.build(), Images.LABELS));
    int width = number(document.getDocumentElement(), "width");
    int height = number(document.getDocumentElement(), "height");
    NodeList groups = document.getElementsByTagName("g");
    List<Rectangle> all = new ArrayList<>();
    for (int i = 0; i < groups.getLength(); i++) {
      Element group = (Element) groups.item(i);
      Element rect = (Element) group.getElementsByTagName("rect").item(0);
      Rectangle box =
          new Rectangle(
              number(rect, "x"), number(rect, "y"), number(rect, "width"), number(rect, "height"));
      assertTrue(new Rectangle(0, 40, width, height - 40).contains(box), box.toString());
      for (Rectangle other : all) {
        assertFalse(box.intersects(other), box + " and " + other);
      }
      all.add(box);
      NodeList texts = group.getElementsByTagName("text");
      for (int k = 0; k < texts.getLength(); k++) {
        Element text = (Element) texts.item(k);
        // In most monospace fonts of this size a character is 7.2 pixels wide.
        int end = number(text, "x") + (int) (text.getTextContent().length() * 7.2);
        assertTrue(box.contains(number(text, "x"), number(text, "y")), text.getTextContent());
        assertTrue(end <= box.x + box.width, text.getTextContent());
      }
    }
    assertTrue(all.size() > 60, all.size() + " boxes");
  }

  @Test
  void jsonIsATree() throws IOException {
    JsonNode json = JsonTree.of(several().build());
    JsonNode base = json.at("/trees/0");
    assertEquals(Images.diffId("a").toString(), base.at("/layers/0/diffId").textValue());
    assertEquals(4, base.at("/layers/0/images").intValue());
    assertEquals("base:latest", base.at("/images/0/names/1").textValue());
    assertEquals("/mnt/web", base.at("/images/0/mounts/1/mountPoint").textValue());
    assertFalse(base.at("/images/0/mounts/0/mounted").booleanValue());
    JsonNode app = base.at("/children/0/children/0");
    assertEquals("app:1", app.at("/images/0/names/0").textValue());
    assertEquals(1023, app.at("/layers/0/totalSize").longValue());
    assertEquals(1020, app.at("/images/0/sharedSize").longValue());
    assertFalse(base.at("/children/0/children/1/layers/0/unpacked").booleanValue());
    assertEquals("again", base.at("/children/1/layers/0/comment").textValue());
    assertEquals("scratch", json.at("/withoutLayers/0/names/0").textValue());
    assertEquals(4055, json.at("/summary/sizeApart").longValue());
  }

  /** Each image is built on the one before, up to the depth that JSON allows, and beyond. */
  @Test
  void manyImagesOnEachOther() throws IOException {
    Forest forest = stack(JsonTree.DEEPEST);
    assertEquals(
        JsonTree.DEEPEST + 3, TextTree.of(forest, Images.LABELS, Lines.BOX).lines().count());
    JsonNode read = new ObjectMapper().readTree(Json.pretty(JsonTree.of(forest)));
    assertEquals("image 0", last(read));

    Forest deeper = stack(JsonTree.DEEPEST + 1);
    ImageException e = assertThrows(ImageException.class, () -> JsonTree.of(deeper));
    assertTrue(e.getMessage().startsWith("more than 400 images"), e.getMessage());
    assertTrue(texts(parse(SvgTree.of(deeper, Images.LABELS))).contains("image 0"));
  }

  private static Forest stack(int count) {
    List<Run> above = List.of();
    for (int i = 0; i < count; i++) {
      Digest digest = Images.diffId("layer " + i);
      Layer layer = new Layer(digest, digest, Size.NONE, Size.NONE, i + 1, null);
      Image image =
          new Image(digest, digest, List.of("image " + i), Size.NONE, Size.NONE, List.of());
      above = List.of(new Run(List.of(layer), List.of(image), above));
    }
    return new Forest(above, List.of(), new Summary(count, count, Size.NONE, Size.NONE, Size.NONE));
  }

  private static String last(JsonNode tree) {
    JsonNode node = tree.at("/trees/0");
    while (node.get("children").size() > 0) {
      node = node.at("/children/0");
    }
    return node.at("/images/0/names/0").textValue();
  }

  @Test
  void theLocaleTellsTheCharacters() {
    Map<String, String> environment = new HashMap<>();
    assertEquals(Lines.ASCII, Lines.of(environment::get));
    environment.put("LANG", "de_DE.UTF-8");
    assertEquals(Lines.BOX, Lines.of(environment::get));
    environment.put("LC_CTYPE", "C");
    assertEquals(Lines.ASCII, Lines.of(environment::get));
    environment.put("LC_ALL", "");
    assertEquals(Lines.ASCII, Lines.of(environment::get));
    environment.put("LC_ALL", "C.utf8");
    assertEquals(Lines.BOX, Lines.of(environment::get));
  }

  private static Document parse(String svg) throws IOException {
    try {
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new ByteArrayInputStream(svg.getBytes(UTF_8)));
    } catch (ParserConfigurationException | SAXException e) {
      throw new AssertionError(svg, e);
    }
  }

  private static List<String> texts(Document document) {
    List<String> all = new ArrayList<>();
    NodeList texts = document.getElementsByTagName("text");
    for (int i = 0; i < texts.getLength(); i++) {
      all.add(texts.item(i).getTextContent());
    }
    return all;
  }

  private static int number(Element element, String attribute) {
    return Integer.parseInt(element.getAttribute(attribute));
  }
}
