package dev.lamina.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestTest {
  private static final Descriptor CONFIG = Descriptor.of(MediaTypes.CONFIG, bytes("{}"));
  private static final Descriptor LAYER = Descriptor.of(MediaTypes.LAYER_GZIP, bytes("layer"));

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  @Test
  void isReadAsWritten() throws ImageException {
    Manifest manifest =
        new Manifest(
            MediaTypes.MANIFEST, CONFIG, List.of(LAYER, LAYER), Map.of("b", "2", "a", "1"));
    assertEquals(manifest, Manifest.parse(MediaTypes.MANIFEST, manifest.bytes()));
    assertEquals(manifest, Manifest.parse("", manifest.bytes()));
    assertFalse(Index.isIndex("", manifest.bytes()));
  }

  @Test
  void anIndexIsReadAsWritten() throws ImageException {
    Index index =
        new Index(
            List.of(
                on("linux/amd64"), LAYER.withAnnotations(Map.of(Descriptor.REF_NAME, "latest"))));
    assertEquals(index, Index.parse(MediaTypes.INDEX, index.bytes()));
    assertTrue(Index.isIndex("", index.bytes()));
    assertTrue(Index.isIndex(MediaTypes.INDEX, bytes("{\"manifests\":[]}")));
  }

  private static Descriptor on(String platform) throws ImageException {
    byte[] contents = bytes(platform);
    return new Descriptor(
        MediaTypes.MANIFEST,
        Digest.of(contents),
        contents.length,
        List.of(),
        Map.of(),
        Platform.parse(platform));
  }

  @ParameterizedTest
  @CsvSource({
    "linux/amd64, linux/amd64",
    "linux/arm64, linux/arm64/v8",
    "linux/arm64/v8, linux/arm64/v8",
    "linux/arm/v7, linux/arm/v7",
    "linux/arm/v6, linux/arm/v5",
    "linux/arm/v8, linux/arm/v7",
  })
  void thePlatformThatSuitsBestIsChosen(String wanted, String chosen) throws ImageException {
    Index index =
        new Index(
            List.of(
                on("windows/amd64"),
                on("linux/arm/v5"),
                on("linux/arm/v7"),
                on("linux/arm64/v8"),
                on("linux/amd64")));
    assertEquals(on(chosen), index.choose(Platform.parse(wanted)));
  }

  @Test
  void aMissingPlatformIsNamed() throws ImageException {
    Index index = new Index(List.of(on("linux/arm/v7"), on("windows/amd64")));
    String message =
        assertThrows(ImageException.class, () -> index.choose(Platform.parse("linux/arm/v6")))
            .getMessage();
    assertEquals(
        "the image does not support the platform linux/arm/v6; it supports: linux/arm/v7,"
            + " windows/amd64",
        message);
    assertThrows(ImageException.class, () -> new Index(List.of()).choose(Platform.host()));
    assertEquals(LAYER, new Index(List.of(LAYER)).choose(Platform.host()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[] | the manifest is not a JSON object",
        "{\"layers\":[] | is not valid JSON",
        "{} {} | is not valid JSON",
        "{\"config\":1,\"config\":2} | Duplicate field 'config'",
        "{\"layers\":[]} | has no valid descriptor",
        "{\"config\":{\"digest\":\"x\",\"size\":1}} | not a digest",
        "{\"config\":{\"size\":1}} | the manifest has no field digest",
        "{\"config\":{\"digest\":\"D\"}} | size is not a number of bytes",
        "{\"config\":{\"digest\":\"D\",\"size\":-1}} | with a negative size",
        "{\"config\":{\"digest\":\"D\",\"size\":1e400}} | size is not a number of bytes",
        "{\"config\":{\"digest\":\"D\",\"size\":99999999999999999999}} | size is not a number",
        "{\"config\":{\"digest\":\"D\",\"size\":1},\"layers\":{}} | layers is not a list",
        "{\"config\":{\"digest\":\"D\",\"size\":1},\"manifests\":[]} | not the manifest of an image",
        "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"manifests\":[]} | only an index may have",
        "{\"schemaVersion\":1,\"fsLayers\":[]} | schema 1",
        "{\"mediaType\":\"text/x\\u001b[2Jplain\"} | its media type is text/x?[2Jplain",
      })
  void whatIsWrongIsSaid(String json, String words) {
    String text = json.replace("\"D\"", '"' + Digest.of(new byte[0]).toString() + '"');
    String message =
        assertThrows(ImageException.class, () -> Manifest.parse("", bytes(text))).getMessage();
    assertTrue(message.contains(words), message);
  }

  @Test
  void aDocumentIsOneThing() {
    byte[] manifest = new Manifest(CONFIG, List.of()).bytes();
    byte[] index = new Index(List.of()).bytes();
    assertThrows(ImageException.class, () -> Index.parse(MediaTypes.INDEX, manifest));
    assertThrows(ImageException.class, () -> Index.parse("", manifest));
    assertThrows(ImageException.class, () -> Manifest.parse(MediaTypes.MANIFEST, index));
  }

  @Test
  void sizeDepthAndLayersHaveLimits() {
    byte[] deep = bytes("{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}");
    assertThrows(ImageException.class, () -> Manifest.parse("", deep));
    byte[] huge = new byte[Json.LONGEST + 1];
    String message =
        assertThrows(ImageException.class, () -> Manifest.parse("", huge)).getMessage();
    assertTrue(message.startsWith("the manifest is too large"), message);
    List<Descriptor> many = java.util.Collections.nCopies(1001, LAYER);
    assertThrows(
        ImageException.class, () -> Manifest.parse("", new Manifest(CONFIG, many).bytes()));
  }
}
