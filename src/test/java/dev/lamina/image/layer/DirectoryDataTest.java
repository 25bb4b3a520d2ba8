package dev.lamina.image.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.tar.RawTar;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Entries whose name makes them directories but which have data, in which other entries may be
 * hidden.
 */
@Tag("one-jdk")
class DirectoryDataTest extends UnpackingTest {
  static Stream<Arguments> refused() {
    byte[] hidden = new RawTar().file("hidden", "").bytes();
    String data = new String(hidden, ISO_8859_1);
    byte[] longName = "d/\0".getBytes(ISO_8859_1);
    return Stream.of(
        Arguments.of("a file", new RawTar().file("d/", data)),
        Arguments.of(
            "a file of the oldest format", new RawTar().entry("d/", '\0', "", 512, hidden)),
        Arguments.of("a contiguous file", new RawTar().entry("d/", '7', "", 512, hidden)),
        Arguments.of("an unknown type", new RawTar().entry("d/", 'Q', "", 512, hidden)),
        Arguments.of("a sparse file", new RawTar().oldSparse("d/", 512, data, 0, 512)),
        Arguments.of(
            "a long name's own name", new RawTar().bare("d/", 'L', "", 512, hidden).file("x", "")),
        Arguments.of(
            "a long target's own name",
            new RawTar().bare("d/", 'K', "", 512, hidden).file("x", "")),
        Arguments.of(
            "a long name",
            new RawTar().bare("././@LongLink", 'L', "", 3, longName).file("x", data)),
        Arguments.of("a path", new RawTar().pax("path", "d/").file("x", data)),
        Arguments.of("a path that is taken back", new RawTar().pax("path", "").file("d/", data)),
        Arguments.of("a size", new RawTar().pax("size", "512").entry("d/", '0', "", 0, hidden)),
        Arguments.of(
            "a sparse file's real name",
            new RawTar()
                .pax("GNU.sparse.size", "512")
                .pax("GNU.sparse.map", "0,512")
                .pax("GNU.sparse.name", "d/")
                .file("x", data)),
        Arguments.of(
            "a sparse file's real name without a map",
            new RawTar().pax("GNU.sparse.name", "d/").file("x", data)),
        Arguments.of("a prefix alone", new RawTar().prefixed("d", 512, hidden)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void refused(String what, RawTar tar) {
    IOException refused = assertThrows(IOException.class, () -> unpack(tar.end()));
    assertEquals("the archive is damaged: the directory d/ has data", refused.getMessage());
  }

  /**
   * A name that is truncated in a header may end in a slash, and so may the name of an extended
   * header.
   */
  @Test
  void namesThatDoNotCount() throws IOException {
    String name = "n".repeat(99) + "/file";
    byte[] path = RawTar.record("path", "file").getBytes(ISO_8859_1);
    unpack(
        new RawTar()
            .file(name, "long")
            .bare("././@LongLink", 'L', "", name.length() + 2, (name + "2\0").getBytes(ISO_8859_1))
            .file("d/", "long, too")
            .bare("PaxHeaders/", 'x', "", path.length, path)
            .file("d/", "short")
            .file("empty/", "")
            .end());
    assertEquals("long", tree.read(name));
    assertEquals("long, too", tree.read(name + "2"));
    assertEquals("short", tree.read("file"));
    assertTrue(tree.stat("empty").isDirectory());
  }
}
