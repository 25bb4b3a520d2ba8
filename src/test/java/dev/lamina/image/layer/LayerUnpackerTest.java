package dev.lamina.image.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.layer.LayerUnpacker.Unpacked;
import dev.lamina.image.tar.RawTar;
import dev.lamina.layer.UpperFormat;
import dev.lamina.sys.Devices;
import dev.lamina.sys.Fd;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Snapshot;
import dev.lamina.testing.Tree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Objects are unpacked from archives as they were written. */
class LayerUnpackerTest {
  private Sandbox sandbox;
  private Path directory;
  private Tree tree;

  @BeforeEach
  void makeRoom() {
    sandbox = new Sandbox();
    directory = sandbox.directory("layer");
    tree = new Tree(directory);
  }

  @AfterEach
  void cleanUp() {
    sandbox.close();
  }

  private Unpacked unpack(RawTar tar) throws IOException {
    return unpack(tar.stream(), UpperFormat.KERNEL);
  }

  private Unpacked unpack(InputStream archive, UpperFormat format) throws IOException {
    return unpack(archive, format, directory);
  }

  static Unpacked unpack(InputStream archive, UpperFormat format, Path directory)
      throws IOException {
    byte[] path = directory.toString().getBytes(ISO_8859_1);
    try (Fd root = new Fd(Linux.openat(Linux.AT_FDCWD, path, OpenFlags.O_PATH, 0));
        LayerUnpacker unpacker = new LayerUnpacker(root.number(), format, UnpackLimits.DEFAULT)) {
      return unpacker.unpack(archive);
    }
  }

  @Test
  void ordinaryObjects() throws IOException {
    Unpacked unpacked =
        unpack(
            new RawTar()
                .mode(0751)
                .directory("./")
                .mode(0755)
                .owner(3, 4)
                .directory("usr/")
                .mode(06711)
                .file("usr/program", "contents")
                .mode(0777)
                .symlink("usr/link", "/else/where")
                .link("usr/second", "usr/program")
                .mode(01777)
                .directory("tmp")
                .mode(0640)
                .entry("fifo", '6', "", 0, new byte[0])
                .device("device", '3', 7, 300)
                .device("disk", '4', 259, 70_000)
                .end());
    assertEquals(new Unpacked(9, 8, true), unpacked);
    assertEquals(0751, tree.stat("").mode & 07777);
    assertEquals(1_500_000_000, tree.stat("").mtimeSeconds);
    assertEquals("contents", tree.read("usr/program"));
    assertEquals(Mode.S_IFREG | 06711, tree.stat("usr/program").mode);
    assertEquals(3, tree.stat("usr/program").uid);
    assertEquals(4, tree.stat("usr/program").gid);
    assertEquals(2, tree.stat("usr/program").nlink);
    assertEquals(tree.stat("usr/program").ino, tree.stat("usr/second").ino);
    assertEquals("/else/where", tree.readlink("usr/link"));
    assertEquals(3, tree.stat("usr/link").uid);
    assertEquals(1_500_000_000, tree.stat("usr/link").mtimeSeconds);
    assertEquals(1_500_000_000, tree.stat("usr").mtimeSeconds, "kept while it was filled");
    assertEquals(01777, tree.stat("tmp").mode & 07777);
    assertEquals(Mode.S_IFIFO | 0640, tree.stat("fifo").mode);
    assertEquals(Mode.S_IFCHR | 0640, tree.stat("device").mode);
    assertEquals(Devices.make(7, 300), tree.stat("device").rdev);
    assertEquals(Devices.make(259, 70_000), tree.stat("disk").rdev);
  }

  /** umoci insert writes neither the rest of the last block nor the blocks of zeros at the end. */
  @Test
  void anArchiveMayEndWithItsLastFile() throws IOException {
    byte[] whole = new RawTar().file("first", "1").file("last", "22").bytes();
    unpack(new RawTar().raw(Arrays.copyOf(whole, 3 * 512 + 2)));
    assertEquals("1", tree.read("first"));
    assertEquals("22", tree.read("last"));
    byte[] cut = Arrays.copyOf(whole, 3 * 512 + 1);
    assertThrows(IOException.class, () -> unpack(new RawTar().raw(cut)));
  }

  @Test
  void namesAndValuesAreBytes() throws IOException {
    String latin = "caf\u00e9";
    String bytes = "\u00ff\u00fe\u0080";
    String lengthy = ("\u00fcber" + "x".repeat(240) + "/").repeat(4) + bytes;
    unpack(
        new RawTar()
            .file(latin, "")
            .file(bytes, "")
            .file(lengthy, "deep")
            .symlink("link", lengthy)
            .xattr("user.\u00e4", "v\u0000\n=\u00ff")
            .xattr("user.empty", "")
            .pax("mtime", "-3.25")
            .pax("uid", "4294967294")
            .file("attributes", "")
            .pax("mtime", "1700000000.123456789")
            .file("nanoseconds", "")
            .end());
    assertTrue(tree.exists(latin));
    assertTrue(tree.exists(bytes));
    assertEquals("deep", tree.read(lengthy));
    assertEquals(lengthy, tree.readlink("link"));
    assertEquals(
        Map.of("user.\u00e4", "v\u0000\n=\u00ff", "user.empty", ""), tree.xattrs("attributes"));
    assertEquals(-4, tree.stat("attributes").mtimeSeconds);
    assertEquals(750_000_000, tree.stat("attributes").mtimeNanos);
    assertEquals(-2, tree.stat("attributes").uid);
    assertEquals(123_456_789, tree.stat("nanoseconds").mtimeNanos);
  }

  @Test
  void gnuLongNames() throws IOException {
    String name = "n".repeat(150) + "\u00e9";
    byte[] withNul = (name + "\0").getBytes(ISO_8859_1);
    unpack(
        new RawTar()
            .bare("././@LongLink", 'L', "", withNul.length, withNul)
            .bare(name.substring(0, 100), '0', "", 2, "ok".getBytes(ISO_8859_1))
            .bare("././@LongLink", 'K', "", withNul.length, withNul)
            .bare("link", '2', name.substring(0, 100), 0, new byte[0])
            .end());
    assertEquals("ok", tree.read(name));
    assertEquals(name, tree.readlink("link"));
  }

  @Test
  void missingDirectoriesAreMade() throws IOException {
    unpack(new RawTar().owner(5, 5).mode(0600).file("a/b/c", "x").end());
    assertEquals(Mode.S_IFDIR | 0755, tree.stat("a/b").mode);
    assertEquals(0, tree.stat("a/b").uid);
    assertEquals("x", tree.read("a/b/c"));
  }

  @Test
  void whiteoutsAndOpaqueMarksInAnyOrder() throws IOException {
    unpack(
        new RawTar()
            .file(".wh.gone", "")
            .mode(0755)
            .file(".wh.replaced-before", "")
            .directory("replaced-before/")
            .directory("replaced-after")
            .file("replaced-after/file", "")
            .file(".wh.replaced-after", "")
            .file("kept", "k")
            .file(".wh.kept", "")
            .file(".wh.without-entry", "")
            .file(".wh." + "l".repeat(255), "")
            .file("without-entry/file", "")
            .directory("opaque/")
            .file("opaque/.wh..wh..opq", "")
            .file("opaque-first/.wh..wh..opq", "")
            .directory("opaque-first/")
            .file("sub/.wh..wh.plnk", "")
            .device("device-whiteout", '3', 0, 0)
            .end());
    assertEquals(Mode.S_IFCHR, tree.stat("gone").type());
    assertEquals(0, tree.stat("gone").rdev);
    assertEquals(Mode.S_IFCHR, tree.stat("device-whiteout").type());
    String opaque = "trusted.overlay.opaque";
    for (String name :
        List.of("replaced-before", "replaced-after", "without-entry", "opaque", "opaque-first")) {
      assertTrue(tree.stat(name).isDirectory(), name);
      assertEquals("y", tree.xattr(name, opaque), name);
    }
    assertTrue(tree.exists("replaced-after/file"));
    assertEquals("k", tree.read("kept"));
    assertEquals(Mode.S_IFCHR, tree.stat("l".repeat(255)).type());
    assertEquals(List.of(), tree.list("opaque"));
    assertEquals(List.of(), tree.list("sub"));
    assertEquals(List.of(), tree.list("opaque-first"));
  }

  @Test
  void marksForOrdinaryUsers() throws IOException {
    RawTar tar =
        new RawTar()
            .file(".wh.gone", "")
            .file(".wh.replaced", "")
            .mode(0755)
            .directory("replaced/")
            .file("opaque/.wh..wh..opq", "")
            .end();
    unpack(tar.stream(), UpperFormat.USER);
    assertEquals(List.of(".wh.gone", ".wh.replaced", "opaque", "replaced"), tree.list(""));
    assertEquals("y", tree.xattr("opaque", "user.overlay.opaque"));
  }

  @Test
  void laterEntriesReplaceEarlierOnes() throws IOException {
    unpack(
        new RawTar()
            .file("file", "old")
            .link("link-to-old", "file")
            .file("file", "new")
            .mode(0755)
            .directory("becomes-file/")
            .file("becomes-file/below", "")
            .file("becomes-file", "now")
            .file("becomes-directory", "")
            .directory("becomes-directory/")
            .symlink("becomes-link", "x")
            .symlink("becomes-link", "y")
            .xattr("user.old", "1")
            .directory("twice/")
            .file("twice/stays", "s")
            .mode(0700)
            .xattr("user.new", "2")
            .directory("twice/")
            .link("file", "file")
            .end());
    assertEquals("new", tree.read("file"));
    assertEquals("old", tree.read("link-to-old"));
    assertEquals("now", tree.read("becomes-file"));
    assertTrue(tree.stat("becomes-directory").isDirectory());
    assertEquals(Map.of(), tree.xattrs("becomes-directory"), "not opaque: no whiteout was there");
    assertEquals("y", tree.readlink("becomes-link"));
    assertEquals("s", tree.read("twice/stays"));
    assertEquals(0700, tree.stat("twice").mode & 07777);
    assertEquals(Map.of("user.new", "2"), tree.xattrs("twice"));
  }

  @Test
  void deepTreesAreUnpacked() throws IOException {
    RawTar tar = new RawTar().mode(0755);
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < 1_000; i++) {
      path.append("d/");
      tar.time(1_000_000 + i).directory(path.toString());
    }
    for (int i = 1_000; i > 0; i -= 7) {
      tar.file(path.substring(0, 2 * i) + "file", "");
    }
    unpack(tar.end());
    for (int i = 0; i < 1_000; i++) {
      assertEquals(1_000_000 + i, tree.stat(path.substring(0, 2 * i + 1)).mtimeSeconds);
    }
  }

  @Test
  void treeOfTheHostComesOutTheSame() throws IOException {
    Path archive = sandbox.root().resolve("etc.tar");
    List<String> arguments =
        List.of("tar", "-C", "/", "--format=pax", "--xattrs", "-cf", archive.toString(), "etc");
    Commands.run(arguments.toArray(String[]::new)).succeed();
    try (InputStream in = Files.newInputStream(archive)) {
      unpack(in, UpperFormat.KERNEL);
    }
    Path expected = sandbox.directory("expected");
    Commands.run("tar", "-C", expected.toString(), "--xattrs", "-xpf", archive.toString())
        .succeed();
    Map<String, String> ours = Snapshot.of(tree.at("etc"));
    assertTrue(ours.size() > 100);
    Snapshot.assertSame("/etc", Snapshot.of(new Tree(expected).at("etc")), ours);
  }
}
