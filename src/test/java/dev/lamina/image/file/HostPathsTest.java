package dev.lamina.image.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostPathsTest {
  private static final String HERE = System.getProperty("user.dir");

  @ParameterizedTest
  @ValueSource(strings = {"/a", "/a/../b", "/../a", "/\u00fc\u00c3\u00bc %41", "/"})
  void absolutePathsAreAsGiven(String text) {
    assertEquals(text, HostPaths.text(HostPaths.path(text)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "../a", "a/../b", "../../\u00ff"})
  void othersAreBelowTheWorkingDirectory(String text) {
    assertEquals(HERE + "/" + text, HostPaths.text(HostPaths.path(text)));
  }

  @Test
  void bytesOfPaths() {
    assertEquals(HERE, HostPaths.text(HostPaths.path("")));
    assertEquals(HERE, HostPaths.text(HostPaths.path("./")));
    assertEquals(HERE + "/a/b", HostPaths.text(HostPaths.path("./a/./b/.")));
    assertEquals("/a/b", HostPaths.text(HostPaths.path("//a/.//b/")));
    assertEquals("/", HostPaths.text(HostPaths.path("/.")));
    Path path = HostPaths.path("/a/\u00ff");
    assertArrayEquals("\u00ff".getBytes(ISO_8859_1), HostPaths.name(path));
    assertTrue(HostPaths.path("x").isAbsolute());
    assertThrows(IllegalArgumentException.class, () -> HostPaths.path("a\0b"));
  }
}
