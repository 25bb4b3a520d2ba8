package dev.lamina.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageConfigTest {
  private static final Digest LAYER = Digest.of(new byte[] {1});
  private static final History STEP =
      new History("2026-01-02T03:04:05Z", "lamina commit", null, "a comment", false);

  private static ImageConfig parse(String json) throws ImageException {
    return ImageConfig.parse(json.getBytes(UTF_8));
  }

  @Test
  void tellsWhatToRun() throws ImageException {
    RunSettings settings =
        parse(
                """
                {"architecture": "arm64", "os": "linux", "config": {"Env": ["PATH=/bin"],
                 "Entrypoint": ["/init"], "Cmd": null, "User": "1000:0", "WorkingDir": "/srv",
                 "StopSignal": "SIGINT", "Labels": {"a": "b"}, "Volumes": {"/v": {}}}}
                """)
            .settings();
    assertEquals(
        new RunSettings(
            List.of("PATH=/bin"),
            List.of("/init"),
            List.of(),
            "1000:0",
            "/srv",
            "SIGINT",
            Map.of("a", "b")),
        settings);
  }

  @Test
  void aLayerIsAddedAndTheRestStays() throws ImageException {
    ImageConfig base =
        parse(
            """
            {"os": "linux", "architecture": "amd64", "x.other": {"deep": [1, 2]},
             "container": "0123", "config": {"Healthcheck": {"Test": ["CMD"]}},
             "rootfs": {"type": "layers", "diff_ids": ["%s"]}, "history": null}
            """
                .formatted(LAYER));
    ImageConfig more = base.withLayer(LAYER, STEP, "somebody");
    assertEquals(List.of(LAYER, LAYER), more.diffIds());
    assertEquals(List.of(STEP), more.history());
    assertEquals("somebody", more.author());
    assertEquals(STEP.created(), more.created());
    assertEquals(base.json().get("x.other"), more.json().get("x.other"));
    assertEquals(base.json().get("config"), more.json().get("config"));
    assertFalse(more.json().has("container"));
    assertEquals(1, base.diffIds().size());
    assertEquals("{}", parse("{}").json().toString());
  }

  @Test
  void anEmptyImageIsWrittenTheSameEachTime() throws ImageException {
    ImageConfig empty = ImageConfig.empty(Platform.parse("linux/arm/v7"));
    assertEquals("linux/arm/v7", empty.platform().toString());
    ImageConfig image = empty.withLayer(LAYER, STEP, null);
    assertEquals(image.json(), ImageConfig.parse(image.bytes()).json());
    assertArrayEquals(image.bytes(), empty.withLayer(LAYER, STEP, null).bytes());
  }

  @Test
  void settingsAreReplacedByName() throws ImageException {
    ImageConfig base = parse("{\"config\":{\"User\":\"a\",\"WorkingDir\":\"/\"}}");
    RunSettings changed = base.withSettings(Map.of("User", new TextNode("b"))).settings();
    assertEquals("b", changed.user());
    assertEquals("/", changed.workingDirectory());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"rootfs\":[]}",
        "{\"rootfs\":{\"diff_ids\":[\"sha256:../..\"]}}",
        "{\"rootfs\":{\"diff_ids\":[1]}}",
        "{\"config\":{\"Env\":\"A=b\"}}",
        "{\"config\":{\"Cmd\":[[]]}}",
        "{\"config\":{\"Labels\":{\"a\":1}}}",
        "{\"history\":[\"x\"]}",
        "{\"os\":1}"
      })
  void aFieldOfTheWrongKindIsNamed(String json) {
    String message = assertThrows(ImageException.class, () -> parse(json)).getMessage();
    assertTrue(message.contains("is not") || message.contains("not a digest"), message);
  }
}
