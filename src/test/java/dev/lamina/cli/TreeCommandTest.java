package dev.lamina.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lamina.testing.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests {@code lamina tree} as a user runs it, on a store with images and a mount. */
@Tag("slow")
@Tag("one-jdk")
class TreeCommandTest {
  @TempDir Path directory;

  private Path mountPoint;

  @BeforeEach
  void images() throws IOException {
    mountPoint = Files.createDirectory(directory.resolve("m\u00fcnt"));
    Path tree = Files.createDirectories(directory.resolve("tree/etc")).getParent();
    Files.writeString(tree.resolve("etc/hostname"), "base\n");
    lamina("C", "import", tree.toString(), "base:1").succeed();
    lamina("C", "mount", "base:1", mountPoint.toString()).succeed();
    Files.writeString(mountPoint.resolve("new"), "12345678");
    lamina("C", "commit", "-m", "one more", mountPoint.toString(), "app:2").succeed();
  }

  @AfterEach
  void unmount() {
    lamina("C", "umount", "--lazy", mountPoint.toString());
  }

  private Commands.Result lamina(String locale, String... arguments) {
    List<String> command =
        new ArrayList<>(List.of("scripts/lamina", "--root", directory.resolve("store").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("LC_ALL", locale);
    return Commands.run(builder);
  }

  @Test
  void asTextJsonAndSvg() throws IOException {
    String text = lamina("C", "tree").succeed().out();
    List<String> lines = text.lines().toList();
    assertEquals(6, lines.size(), text);
    assertTrue(lines.get(1).matches("\\* [0-9a-f]{12} +5B +5B +2  base:1 +lamina import .*"), text);
    assertTrue(lines.get(2).matches("\\|- @ .* mounted +" + utf8(mountPoint.toString())), text);
    assertTrue(
        lines.get(3).matches("`- \\* [0-9a-f]{12} +~[0-9]+B +~[0-9]+B +1  app:2 .*\\(one more\\)"),
        text);

    String boxes = lamina("C.UTF-8", "tree", "app:2").succeed().out();
    assertTrue(boxes.contains(utf8("\n├─ ◆ ")) && boxes.contains(utf8("\n└─ ● ")), boxes);

    Path file = directory.resolve("tree.svg");
    assertEquals("", lamina("C", "tree", "--format", "svg", "-o", file.toString()).succeed().out());
    String svg = Files.readString(file);
    assertTrue(svg.startsWith("<svg ") && svg.contains(">app:2</text>"), svg);
    assertTrue(svg.contains(">" + mountPoint + "</text>"), svg);

    byte[] document = lamina("C", "tree", "--format=json").succeed().out().getBytes(ISO_8859_1);
    JsonNode json = new ObjectMapper().readTree(document);
    assertEquals("app:2", json.at("/trees/0/children/0/images/0/names/0").textValue());
    assertEquals(
        mountPoint.toString(), json.at("/trees/0/images/0/mounts/0/mountPoint").textValue());

    fails("there is no image nothing", "tree", "nothing");
    fails("unknown format: xml (known: text, json, svg)", "tree", "--format", "xml");
    String nowhere = directory.resolve("no/where").toString();
    fails("cannot write " + nowhere + ": there is no such directory", "tree", "-o", nowhere);
    fails("cannot write /dev/full: No space left on device", "tree", "-o", "/dev/full");
  }

  private void fails(String message, String... arguments) {
    Commands.Result result = lamina("C", arguments);
    assertTrue(result.status() != 0, message);
    assertTrue(result.err().startsWith("lamina: " + message), result.err());
    assertEquals("", result.out());
  }

  /** Returns a text as the output of programs is collected, with a character for each byte. */
  private static String utf8(String text) {
    return new String(text.getBytes(UTF_8), ISO_8859_1);
  }
}
