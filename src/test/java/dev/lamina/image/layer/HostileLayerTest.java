package dev.lamina.image.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.ImageException;
import dev.lamina.image.tar.RawTar;
import dev.lamina.layer.UpperFormat;
import dev.lamina.sys.Fd;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.TreeRemoval;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Snapshot;
import dev.lamina.testing.Tree;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Malicious layers are refused with an error that says what is wrong, and nothing outside of the
 * layer's directory is touched.
 */
@Tag("one-jdk")
class HostileLayerTest {
  private static final UnpackLimits LIMITS = new UnpackLimits(64 << 20, 100_000, false);

  private Sandbox sandbox;
  private Path layer;
  private Tree outside;
  private Map<String, String> before;

  @BeforeEach
  void makeRoom() {
    sandbox = new Sandbox();
    layer = sandbox.directory("layer");
    outside = new Tree(sandbox.directory("outside"));
    outside.write("file", "secret");
    outside.directory("directory");
    before = Snapshot.exact(outside);
  }

  @AfterEach
  void cleanUp() {
    sandbox.close();
  }

  private void unpack(byte[] archive) throws IOException {
    unpack(new ByteArrayInputStream(archive));
  }

  private void unpack(InputStream archive) throws IOException {
    byte[] path = layer.toString().getBytes(ISO_8859_1);
    try (Fd root = new Fd(Linux.openat(Linux.AT_FDCWD, path, OpenFlags.O_PATH, 0));
        LayerUnpacker unpacker = new LayerUnpacker(root.number(), UpperFormat.KERNEL, LIMITS)) {
      unpacker.unpack(archive);
    } finally {
      Snapshot.assertSame("outside", before, Snapshot.exact(outside));
    }
  }

  private static Arguments refused(String what, String message, RawTar tar) {
    return Arguments.of(what, message, tar.bytes());
  }

  static Stream<Arguments> refused() {
    byte[] none = {};
    byte[] whole = new RawTar().file("file", "x".repeat(2_000)).end().bytes();
    String depth = "d/".repeat(3_000);
    return Stream.of(
        refused(
            "a name with ..",
            "the path ../outside/new leads out of the layer (\"..\")",
            new RawTar().file("../outside/new", "x").end()),
        refused(
            "a name with .. in its midst",
            "the path a/../../outside/new leads out of the layer (\"..\")",
            new RawTar().directory("a").file("a/../../outside/new", "x").end()),
        refused(
            "through a symbolic link",
            "link/new: its parent link is not a directory in this layer",
            new RawTar().symlink("link", "../outside").file("link/new", "x").end()),
        refused(
            "through an absolute symbolic link",
            "a/link/new: its parent a/link is not a directory in this layer",
            new RawTar().symlink("a/link", "/").file("a/link/new", "x").end()),
        refused(
            "a directory that is a symbolic link by then",
            "d/new: its parent d is not a directory in this layer",
            new RawTar().directory("d").symlink("d", "../outside").file("d/new", "x").end()),
        refused(
            "a whiteout through a symbolic link",
            "link/.wh.file: its parent link is not a directory in this layer",
            new RawTar().symlink("link", "../outside").file("link/.wh.file", "").end()),
        refused(
            "an opaque mark through a symbolic link",
            "link/.wh..wh..opq: its parent link is not a directory in this layer",
            new RawTar().symlink("link", "../outside").file("link/.wh..wh..opq", "").end()),
        refused(
            "a hard link with ..",
            "the path ../outside/file leads out of the layer (\"..\")",
            new RawTar().link("stolen", "../outside/file").end()),
        refused(
            "a hard link through a symbolic link",
            "stolen: a hard link to link/file, which is not a file of this layer",
            new RawTar().symlink("link", "../outside").link("stolen", "link/file").end()),
        refused(
            "a hard link to a whiteout",
            "file: a hard link to gone, which is not a file of this layer",
            new RawTar().file(".wh.gone", "").link("file", "gone").end()),
        refused(
            "a hard link to a directory",
            "link: a hard link to d, which is not a file of this layer",
            new RawTar().directory("d").link("link", "d").end()),
        refused(
            "a hard link to nothing",
            "link: a hard link to missing, which is not a file of this layer",
            new RawTar().link("link", "missing").end()),
        refused(
            "a whiteout of ..",
            "d/.wh...: the whiteout hides an invalid name",
            new RawTar().file("d/.wh...", "").end()),
        refused(
            "a whiteout of no name",
            ".wh.: the whiteout hides an invalid name",
            new RawTar().file(".wh.", "").end()),
        refused(
            "a device where none may be",
            "disk: device nodes are not allowed (--no-devices)",
            new RawTar().device("disk", '4', 8, 0).end()),
        refused(
            "an unknown type",
            "what: unknown type of entry: 81",
            new RawTar().entry("what", 'Q', "", 0, none).end()),
        refused(
            "a name with NUL",
            "the path a?b contains a NUL",
            new RawTar().pax("path", "a\0b").file("x", "").end()),
        refused(
            "a name longer than names are",
            "the path " + "n".repeat(200) + "… has a component of more than 255 bytes",
            new RawTar().file("n".repeat(256), "").end()),
        refused(
            "a path longer than paths are",
            "the path " + "d/".repeat(100) + "… is longer than 4095 bytes",
            new RawTar().directory(depth).end()),
        refused(
            "a long name of 1 MB that is nearly all slashes",
            "is longer than 4095 bytes",
            new RawTar()
                .bare("././@LongLink", 'L', "", 1 << 20, slashes(1 << 20))
                .file("x", "")
                .end()),
        refused(
            "a path of 1 MB that is nearly all slashes",
            "is longer than 4095 bytes",
            new RawTar()
                .pax("path", new String(slashes(1_000_000), ISO_8859_1))
                .file("x", "")
                .end()),
        refused(
            "extended headers without an end",
            "more than 8 extended headers are before one entry",
            repeated(20_000, 'x', "9 path=x\n")),
        refused(
            "long names without an end",
            "more than 8 extended headers are before one entry",
            repeated(20_000, 'L', "x")),
        refused(
            "global headers that add up",
            "there are more than 65536 bytes of global headers",
            repeatedWithFiles(100, record1000())),
        refused(
            "a sparse file of many parts",
            "sparse: its sparse map is wrong: it has 30000000 parts, which is more than 100000",
            new RawTar()
                .pax("GNU.sparse.major", "1")
                .pax("GNU.sparse.minor", "0")
                .pax("GNU.sparse.realsize", "100")
                .file("sparse", "30000000\n0\n0\n" + "0\n".repeat(500))
                .end()),
        refused(
            "directories that no entry makes",
            "it has more than 100000 entries, which is the limit",
            deepPaths(200)),
        refused(
            "an extended header of 100 MB",
            "an extended header has 104857600 bytes, which is more than 1048576",
            new RawTar().bare("PaxHeader", 'x', "", 100 << 20, new byte[1 << 20]).end()),
        refused(
            "a long name of 100 MB",
            "an extended header has 104857600 bytes, which is more than 1048576",
            new RawTar().bare("././@LongLink", 'L', "", 100 << 20, new byte[1 << 20]).end()),
        refused(
            "a PAX record without an end",
            "the archive is damaged: a record of an extended header is malformed",
            new RawTar().bare("PaxHeader", 'x', "", 9, "20 path=x".getBytes(ISO_8859_1)).end()),
        refused(
            "a PAX record of no length",
            "the archive is damaged: a record of an extended header is malformed",
            new RawTar().bare("PaxHeader", 'x', "", 9, "0 path=x\n".getBytes(ISO_8859_1)).end()),
        refused(
            "a negative size",
            "the archive is damaged: file: the size in its header is negative",
            new RawTar().entry("file", '0', "", -5, none).end()),
        refused(
            "a size that is no number",
            "the archive is damaged: file: its size is not a number: 1e9",
            new RawTar().pax("size", "1e9").file("file", "x").end()),
        refused(
            "a size for everything",
            "a global header has a size, which is of one entry",
            new RawTar().bare("g", 'g', "", 9, "9 size=1\n".getBytes(ISO_8859_1)).end()),
        refused(
            "an absurd size",
            "it is larger than 67108864 bytes uncompressed, which is the limit",
            new RawTar().entry("file", '0', "", 1L << 60, new byte[512]).end()),
        refused(
            "sizes that add up to more than a number holds",
            "it is larger than 67108864 bytes uncompressed, which is the limit",
            new RawTar().entry("file", '0', "", Long.MAX_VALUE - 1024, new byte[512]).end()),
        refused(
            "a hole of 8 EiB",
            "it is larger than 67108864 bytes uncompressed, which is the limit",
            new RawTar()
                .pax("GNU.sparse.size", "8000000000000000000")
                .pax("GNU.sparse.numblocks", "0")
                .pax("GNU.sparse.map", "")
                .file("file", "")
                .end()),
        refused(
            "a name for everything",
            "a global header has a path, which is of one entry",
            new RawTar().bare("g", 'g', "", 11, "11 path=d/\n".getBytes(ISO_8859_1)).end()),
        refused(
            "a map for everything",
            "a global header has a GNU.sparse.size, which is of one entry",
            new RawTar()
                .bare("g", 'g', "", 21, "21 GNU.sparse.size=1\n".getBytes(ISO_8859_1))
                .end()),
        refused(
            "an owner that is none",
            "file: its owner or group is out of range: 4294967295",
            new RawTar().owner(0xffff_ffffL, 0).file("file", "").end()),
        refused(
            "an owner far from any number",
            "file: its owner or group is out of range: 1152921504606846976",
            new RawTar().pax("uid", "1152921504606846976").file("file", "").end()),
        refused(
            "a wrong checksum",
            "the archive is damaged: the header at byte 0 has a wrong checksum",
            new RawTar().raw(damaged(whole, 10)).end()),
        refused(
            "a directory with data",
            "the archive is damaged: d: it cannot have data, but its extended header says that it has ",
            new RawTar().pax("size", "512").directory("d").end()),
        refused(
            "cut off in data",
            "file ends 1512 bytes too early: it is truncated",
            new RawTar().raw(Arrays.copyOf(whole, 1_000))),
        refused(
            "a root that is a file",
            ".: the layer's root is not a directory",
            new RawTar().entry(".", '0', "", 0, none).end().file("x", "").end()),
        refused(
            "a symbolic link in place of the root",
            "the layer's root is not a directory",
            new RawTar().symlink(".", "../outside").end()));
  }

  private static RawTar repeated(int count, char type, String contents) {
    RawTar tar = new RawTar();
    for (int i = 0; i < count; i++) {
      tar.bare("x", type, "", contents.length(), contents.getBytes(ISO_8859_1));
    }
    return tar.file("x", "").end();
  }

  private static String record1000() {
    return RawTar.record("comment", "c".repeat(1_000));
  }

  private static RawTar repeatedWithFiles(int count, String global) {
    RawTar tar = new RawTar();
    for (int i = 0; i < count; i++) {
      tar.bare("g", 'g', "", global.length(), global.getBytes(ISO_8859_1)).file("f" + i, "");
    }
    return tar.end();
  }

  private static RawTar deepPaths(int count) {
    RawTar tar = new RawTar();
    for (int i = 0; i < count; i++) {
      tar.file(i + "/d".repeat(1_000), "");
    }
    return tar.end();
  }

  private static byte[] slashes(int size) {
    byte[] all = new byte[size];
    Arrays.fill(all, (byte) '/');
    all[0] = 'x';
    return all;
  }

  private static byte[] damaged(byte[] archive, int at) {
    byte[] other = archive.clone();
    other[at] ^= 1;
    return other;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void refused(String what, String message, byte[] archive) {
    IOException refused = assertThrows(IOException.class, () -> unpack(archive));
    assertTrue(refused.getMessage().contains(message), refused.getMessage());
  }

  @Test
  void entriesAreCounted() {
    InputStream endless =
        new InputStream() {
          private final byte[] entry = new RawTar().file("file", "").bytes();
          private long at;

          @Override
          public int read() {
            return entry[(int) (at++ % entry.length)] & 0xff;
          }
        };
    ImageException refused = assertThrows(ImageException.class, () -> unpack(endless));
    assertEquals("it has more than 100000 entries, which is the limit", refused.getMessage());
  }

  @Test
  void bytesAreCountedBehindTheEndToo() {
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 0;
          }

          @Override
          public int read(byte[] buffer, int offset, int length) {
            Arrays.fill(buffer, offset, offset + length, (byte) 0);
            return length;
          }
        };
    ImageException refused = assertThrows(ImageException.class, () -> unpack(endless));
    assertTrue(refused.getMessage().contains("larger than 67108864 bytes"));
  }

  @Test
  void marksInAttributesAreDropped() throws IOException {
    RawTar tar = new RawTar().mode(0755);
    for (String prefix :
        new String[] {"trusted.overlay.", "user.overlay.", "trusted.overlay.overlay."}) {
      for (String mark : new String[] {"redirect", "metacopy", "opaque", "whiteout", "origin"}) {
        tar.xattr(prefix + mark, "/outside");
      }
    }
    tar.xattr("user.fuseoverlayfs.opaque", "y").directory("d");
    tar.xattr("trusted.overlay.metacopy", "").xattr("trusted.overlay.redirect", "/etc/shadow");
    unpack(tar.file("d/file", "own").end().bytes());
    Tree tree = new Tree(layer);
    assertEquals(Map.of(), tree.xattrs("d"));
    assertEquals(Map.of(), tree.xattrs("d/file"));
  }

  @Test
  void absoluteNamesStayInside() throws IOException {
    String absolute = outside.string("file");
    unpack(
        new RawTar()
            .file(absolute, "inside")
            .link("link", absolute)
            .symlink("symlink", absolute)
            .file("symlink", "replaces the link")
            .end()
            .bytes());
    Tree tree = new Tree(layer);
    assertEquals("inside", tree.read("link"));
    assertEquals("replaces the link", tree.read("symlink"));
  }

  @Test
  void attributesOfALinkAreItsOwn() throws IOException {
    unpack(
        new RawTar()
            .owner(7, 7)
            .mode(07777)
            .time(1)
            .symlink("link", outside.string("file"))
            .symlink("up", "../outside")
            .end()
            .bytes());
    assertEquals(7, new Tree(layer).stat("link").uid);
  }

  /**
   * Unpacking an archive in which a few bytes were changed ends, and fails with nothing but an
   * IOException. The property {@code lamina.test.fuzz} is the number of archives, {@code
   * lamina.test.seed} the seed of the first one.
   */
  @Test
  @Timeout(7_200)
  void damagedArchivesDoNoHarm() throws IOException {
    byte[] whole =
        new RawTar()
            .mode(0755)
            .directory("./")
            .directory("d")
            .xattr("user.a", "value")
            .pax("mtime", "1.5")
            .file("d/file", "x".repeat(600))
            .link("d/link", "d/file")
            .symlink("d/symlink", "../../outside")
            .file("d/.wh.gone", "")
            .file("n".repeat(180), "long")
            .pax("GNU.sparse.size", "100000")
            .pax("GNU.sparse.numblocks", "1")
            .pax("GNU.sparse.map", "5000,5")
            .file("sparse", "12345")
            .pax("GNU.sparse.major", "1")
            .pax("GNU.sparse.minor", "0")
            .pax("GNU.sparse.realsize", "9000")
            .pax("GNU.sparse.name", "second")
            .file("sparse", "2\n10\n3\n8000\n2\n" + "\0".repeat(498) + "12345")
            .oldSparse("old", 70_000, "123456", 0, 1, 9, 1, 20, 1, 30, 1, 40, 1, 60_000, 1)
            .entry("fifo", '6', "", 0, new byte[0])
            .pax("SCHILY.acl.access", "user::rwx,user:a:r-x:7,group::r-x,mask::r-x,other::r-x")
            .pax("SCHILY.acl.default", "user::rwx,user:7:r-x,group::r-x,other::r-x")
            .directory("acl")
            .file("acl/.wh.d", "")
            .directory("acl/d")
            .end()
            .bytes();
    int seeds = Integer.getInteger("lamina.test.fuzz", 1_000);
    int first = Integer.getInteger("lamina.test.seed", 0);
    for (int seed = first; seed < first + seeds; seed++) {
      byte[] mutated = Mutation.of(whole, new Random(seed));
      Tree tree = new Tree(layer);
      try {
        unpack(mutated);
      } catch (IOException e) {
        assertFalse(e.getMessage() == null || e.getMessage().isEmpty(), "seed " + seed);
      } catch (RuntimeException | AssertionError | OutOfMemoryError e) {
        throw new AssertionError("seed " + seed, e);
      }
      clear(tree);
    }
  }

  private static void clear(Tree tree) {
    byte[] path = tree.string("").getBytes(ISO_8859_1);
    try (Fd root = new Fd(Linux.openat(Linux.AT_FDCWD, path, OpenFlags.O_PATH, 0))) {
      Tree.ok(TreeRemoval.clear(root.number()));
    }
  }
}
