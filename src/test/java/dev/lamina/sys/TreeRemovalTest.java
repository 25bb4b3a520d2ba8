package dev.lamina.sys;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeRemovalTest {
  @TempDir Path temporary;

  @Test
  void treeDeeperThanAnyPathIsRemoved() throws IOException {
    try (Fd top = open(temporary)) {
      int at = Linux.openat(top.number(), bytes("."), OpenFlags.O_PATH, 0);
      for (int i = 0; i < 5_000; i++) {
        byte[] name = bytes(i == 0 ? "tree" : "a-directory-with-a-name");
        assertEquals(0, Linux.mkdirat(at, name, 0700));
        assertEquals(0, Linux.mknodat(at, bytes("file"), Mode.S_IFREG | 0600, 0));
        int next = Linux.openat(at, name, OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW, 0);
        Linux.close(at);
        at = next;
      }
      Linux.close(at);
      assertEquals(0, TreeRemoval.remove(top.number(), bytes("tree")));
      assertEquals(0, Linux.unlinkat(top.number(), bytes("file"), 0));
      try (var left = Files.list(temporary)) {
        assertEquals(0, left.count());
      }
      assertEquals(-Errno.ENOENT, TreeRemoval.remove(top.number(), bytes("tree")));
    }
  }

  @Test
  void linksAreRemovedAndNotFollowed() throws IOException {
    Path tree = Files.createDirectories(temporary.resolve("tree/below"));
    Path outside = Files.createDirectory(temporary.resolve("outside"));
    Files.writeString(outside.resolve("file"), "kept");
    Files.createSymbolicLink(tree.resolve("link"), outside);
    try (Fd top = open(temporary.resolve("tree"))) {
      assertEquals(0, TreeRemoval.clear(top.number()));
    }
    assertFalse(Files.exists(tree));
    assertTrue(Files.exists(temporary.resolve("tree")));
    assertEquals("kept", Files.readString(outside.resolve("file")));
  }

  private static Fd open(Path directory) {
    return new Fd(Linux.openat(Linux.AT_FDCWD, bytes(directory.toString()), OpenFlags.O_PATH, 0));
  }

  private static byte[] bytes(String name) {
    return name.getBytes(ISO_8859_1);
  }
}
