package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.sys.FileSystemStat;
import dev.lamina.sys.Mounts;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Tree;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Layers and mount points whose own paths hold the characters of the option syntax, which a
 * backslash takes the meaning from, or bytes that are no text.
 */
@Tag("one-jdk")
@LaminaOnly("tests the command line of Lamina")
class MountPathsTest extends UnionTest {
  /** For bash: any bytes, whatever the locale says of them. */
  private static String quote(String bytes) {
    StringBuilder quoted = new StringBuilder("$'");
    for (byte b : bytes(bytes)) {
      quoted.append(String.format("\\x%02x", b));
    }
    return quoted.append('\'').toString();
  }

  private static String escape(String path) {
    return path.replace("\\", "\\\\").replace(":", "\\:").replace(",", "\\,");
  }

  private void mounts(String options, String mountPoint) {
    String words = String.join(" ", mounter.command()) + " -o " + quote(options);
    Commands.run(Lamina.TIMEOUT, "bash", "-c", words + " " + quote(mountPoint)).succeed();
    Tree merged = new Tree(mountPoint);
    try {
      assertEquals(FileSystemStat.FUSE_MAGIC, merged.statfs("").type);
      assertEquals(List.of("one", "two"), merged.list(""));
      merged.append("one", "!");
      assertEquals("one!", merged.read("one"));
      String command = Lamina.program() + " umount " + quote(mountPoint);
      Commands.run(Lamina.TIMEOUT, "bash", "-c", command).succeed();
      assertEquals(List.of(), merged.list(""));
    } finally {
      // Fails, as it should, when it is unmounted already.
      Mounts.umount2(bytes(mountPoint), Mounts.MNT_DETACH | Mounts.UMOUNT_NOFOLLOW);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"colon:", "comma,", "back\\slash", "\\:", "new\nline", "space ", "\377\200", "=x"})
  void pathsWithAnyBytes(String odd) {
    try (Sandbox sandbox = new Sandbox()) {
      Tree root = new Tree(sandbox.root());
      root.write(odd + "l0/one", "one");
      root.write(odd + "l1/two", "two");
      for (String name : List.of("upper", "work", "merged")) {
        root.directory(odd + name);
      }
      String options =
          "lowerdir="
              + escape(root.string(odd + "l0"))
              + ":"
              + escape(root.string(odd + "l1"))
              + ",upperdir="
              + escape(root.string(odd + "upper"))
              + ",workdir="
              + escape(root.string(odd + "work"));
      mounts(options, root.string(odd + "merged"));
      assertEquals("one!", root.read(odd + "upper/one"));
    }
  }

  /** A colon separates lower layers only; upper and work directory may hold it plainly. */
  @Test
  void plainColonInTheUpperPath() {
    try (Sandbox sandbox = new Sandbox()) {
      Tree root = new Tree(sandbox.root());
      root.write("l0/one", "one");
      root.write("l1/two", "two");
      for (String name : List.of("a:upper", "a:work", "merged")) {
        root.directory(name);
      }
      String options =
          "lowerdir="
              + root.string("l0")
              + ":"
              + root.string("l1")
              + ",upperdir="
              + root.string("a:upper")
              + ",workdir="
              + root.string("a:work");
      mounts(options, root.string("merged"));
    }
  }
}
