package dev.lamina.image.archive;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.archive.LayerUnpacker.Unpacked;
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
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What layers hold comes out of their archives as it went in. */
@Timeout(60)
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

  /** What umoci insert writes: no filled record, no end. */
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
  void capabilitiesAndAccessControlLists() throws IOException {
    String capability =
        "\u0001\u0000\u0000\u0002\u0000\u0004\u0000\u0000"
            + "\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000";
    // user::rwx, user:1000:r-x, group::r-x, mask::r-x, other::r-x
    String acl =
        "\u0002\u0000\u0000\u0000"
            + "\u0001\u0000\u0007\u0000\u00ff\u00ff\u00ff\u00ff"
            + "\u0002\u0000\u0005\u0000\u00e8\u0003\u0000\u0000"
            + "\u0004\u0000\u0005\u0000\u00ff\u00ff\u00ff\u00ff"
            + "\u0010\u0000\u0005\u0000\u00ff\u00ff\u00ff\u00ff"
            + "\u0020\u0000\u0005\u0000\u00ff\u00ff\u00ff\u00ff";
    unpack(
        new RawTar()
            .mode(0755)
            .owner(9, 9)
            .xattr("security.capability", capability)
            .file("capable", "x")
            .xattr("system.posix_acl_default", acl)
            .xattr("system.posix_acl_access", acl)
            .directory("acl")
            .file("acl/file", "")
            .xattr("security.selinux", "label")
            .xattr("user.kept", "v")
            .file("labelled", "")
            .xattr("user.impossible", "v")
            .symlink("link", "t")
            .end());
    assertEquals(capability, tree.xattr("capable", "security.capability"));
    assertEquals(acl, tree.xattr("acl", "system.posix_acl_default"));
    assertEquals(acl, tree.xattr("acl", "system.posix_acl_access"));
    assertEquals(0755, tree.stat("acl").mode & 07777);
    assertEquals(Map.of(), tree.xattrs("acl/file"), "nothing is inherited");
    assertEquals("v", tree.xattr("labelled", "user.kept"));
    assertFalse(tree.xattrs("labelled").containsValue("label"));
    assertTrue(tree.exists("link"));
  }

  /** GNU tar has them as text, and names of the host's users in it. */
  @Test
  void accessControlListsOfGnuTar() throws IOException {
    Path source = sandbox.directory("source");
    new Tree(source).write("file", "x");
    new Tree(source).write("plain", "x");
    new Tree(source).directory("d");
    String access = "user:4711:rwx,user:root:r-x,group:4712:---,group:daemon:rwx,mask::r-x";
    Commands.run("setfacl", "-m", access, source.resolve("file").toString()).succeed();
    Commands.run("setfacl", "-m", "default:" + access, source.resolve("d").toString()).succeed();
    Path archive = sandbox.root().resolve("acl.tar");
    Commands.run("tar", "--acls", "-C", source.toString(), "-cf", archive.toString(), ".")
        .succeed();
    try (InputStream in = Files.newInputStream(archive)) {
      unpack(in, UpperFormat.KERNEL);
    }
    for (String name : List.of("file", "plain", "d")) {
      String told = getfacl(source.resolve(name));
      // Nothing says which number this group has.
      String expected = told.replaceAll("(default:)?group:[1-9][0-9]{0,2}:.*\n", "");
      assertEquals(!name.equals("plain"), !expected.equals(told), "the one without a number");
      assertEquals(expected, getfacl(directory.resolve(name)), name);
    }
  }

  private static String getfacl(Path path) {
    return Commands.run("getfacl", "-n", "-c", "-E", "-p", path.toString()).succeed().out();
  }

  /** As star and libarchive have them; and such as nobody should write. */
  @Test
  void accessControlListsAsText() throws IOException {
    String list = "user::rwx,user:lisa:r-x:4711,group::r-x,mask::rwx,other::r-x";
    unpack(
        new RawTar()
            .mode(0775)
            .pax("SCHILY.acl.access", list)
            .file("star", "")
            .pax("SCHILY.acl.access", "u::rwx\nu:4711:rx # effective\ng::r-x\nm:rwx\no:r-x\n")
            .file("short", "")
            .mode(0755)
            .pax("SCHILY.acl.access", "user::rwx,user:lisa:r-x:4711,group::r-x,other::r-x")
            .file("without-mask", "")
            .mode(0775)
            .pax("SCHILY.acl.access", "user::rwx,user:lisa:rwx,group::r-x,mask::rwx,other::r-x")
            .file("name", "")
            .mode(0755)
            .pax("SCHILY.acl.access", list + ",user:4711:rwx")
            .file("twice", "")
            .pax("SCHILY.acl.access", "nonsense")
            .file("nonsense", "")
            .pax("SCHILY.acl.access", "user:4711:rwx")
            .file("incomplete", "")
            .pax("SCHILY.acl.access", "user::rwx,group::r-x,other::r-x,user:4294967295:r--")
            .file("nobody", "")
            .pax("SCHILY.acl.access", "")
            .pax("SCHILY.acl.default", "")
            .directory("none")
            .pax("SCHILY.acl.access", list)
            .symlink("link", "star")
            .pax("SCHILY.acl.default", list)
            .file("no-directory", "")
            .pax("SCHILY.acl.default", list)
            .directory("d")
            .file("d/file", "")
            .end());
    String expected = "user::rwx\nuser:4711:r-x\ngroup::r-x\nmask::rwx\nother::r-x\n\n";
    assertEquals(expected, getfacl(directory.resolve("star")));
    assertEquals(expected, getfacl(directory.resolve("short")));
    assertEquals(
        expected.replace("mask::rwx", "mask::r-x"), getfacl(directory.resolve("without-mask")));
    assertEquals(
        "user::rwx\ngroup::r-x\nmask::rwx\nother::r-x\n\n", getfacl(directory.resolve("name")));
    for (String name :
        List.of("twice", "nonsense", "incomplete", "nobody", "none", "no-directory", "d/file")) {
      assertEquals(Map.of(), tree.xattrs(name), name);
    }
    String plain = "user::rwx\ngroup::r-x\nother::r-x\n";
    assertEquals(
        plain + ("\n" + expected.strip()).replace("\n", "\ndefault:").substring(1) + "\n\n",
        getfacl(directory.resolve("d")));
  }

  /** What an archive tells of access is all: nothing comes from where it is unpacked. */
  @Test
  void defaultAccessControlListsAreNotInherited() throws IOException {
    String acl = "user::rwx,user:1234:rwx,group::rwx,mask::rwx,other::rwx";
    Commands.run("setfacl", "-d", "-m", acl, sandbox.root().toString()).succeed();
    Path target = sandbox.directory("inherits");
    String attribute = "system.posix_acl_default";
    String value = new Tree(target).xattr("", attribute);
    unpack(
        new RawTar()
                .mode(0755)
                .xattr(attribute, value)
                .directory("./")
                .file("before", "")
                .xattr(attribute, value)
                .directory("replaced")
                .file("replaced/below/file", "")
                .directory("replaced")
                .file("replaced/file", "")
                .xattr(attribute, value)
                .directory("file-for-a-time")
                .file("file-for-a-time", "")
                .directory("file-for-a-time")
                .xattr(attribute, value)
                .directory("link-above/d")
                .xattr(attribute, value)
                .directory("link-above-0")
                .symlink("link-above", "x")
                .file("link-above", "x")
                .file("link-above2", "x")
                .link("link-above", "link-above2")
                .directory("link-above")
                .file("link-above/d/file", "")
                .xattr(attribute, value)
                .directory("whiteout")
                .file(".wh.whiteout", "")
                .file("implied/below/file", "")
                .end()
                .stream(),
        UpperFormat.KERNEL,
        target);
    Tree unpacked = new Tree(target);
    Map<String, String> with = Map.of(attribute, value);
    assertEquals(with, unpacked.xattrs(""));
    assertEquals(with, unpacked.xattrs("link-above-0"));
    assertEquals(value, unpacked.xattr("whiteout", attribute));
    for (String path :
        List.of(
            "before",
            "replaced",
            "replaced/below",
            "replaced/below/file",
            "replaced/file",
            "file-for-a-time",
            "link-above",
            "link-above/d",
            "link-above/d/file",
            "implied",
            "implied/below",
            "implied/below/file")) {
      assertEquals(Map.of(), unpacked.xattrs(path), path);
    }
    assertEquals(0755, unpacked.stat("implied").mode & 07777);
  }

  @Test
  void sparseFilesOfGnuTar() throws IOException {
    Path source = sandbox.directory("source");
    Tree from = new Tree(source);
    from.write("sparse", "start");
    Tree.ok(from.truncate("sparse", 300 << 20));
    from.append("sparse", "end");
    from.write("empty-end", "x");
    Tree.ok(from.truncate("empty-end", 50 << 20));
    for (String format : List.of("gnu", "0.0", "0.1", "1.0")) {
      Path archive = sandbox.root().resolve("archive-" + format + ".tar");
      Commands.run(
              "tar",
              "-C",
              source.toString(),
              "--sparse",
              format.equals("gnu") ? "--format=gnu" : "--format=pax",
              format.equals("gnu") ? "--no-xattrs" : "--sparse-version=" + format,
              "-cf",
              archive.toString(),
              ".")
          .succeed();
      Path target = sandbox.directory("sparse-" + format);
      try (InputStream in = Files.newInputStream(archive)) {
        Unpacked unpacked = unpack(in, UpperFormat.KERNEL, target);
        assertEquals((300L << 20) + 3 + (50 << 20), unpacked.bytes());
      }
      Commands.run("cmp", from.string("sparse"), target.resolve("sparse").toString()).succeed();
      Commands.run("cmp", from.string("empty-end"), target.resolve("empty-end").toString())
          .succeed();
      assertTrue(new Tree(target).stat("sparse").blocks < 2_000, format + " has no holes");
    }
  }

  /** Larger than an int holds, and than a tar header's twelve octal digits. */
  @Test
  void largeSparseFilesOfGnuTar() throws IOException {
    Path source = sandbox.directory("source");
    List<Long> sizes = List.of(3L << 30, 9L << 30);
    for (long size : sizes) {
      try (RandomAccessFile file = new RandomAccessFile(source + "/" + size, "rw")) {
        file.setLength(size);
        for (int part = 0; part < PARTS; part++) {
          file.seek(place(size, part));
          file.writeLong(part + 1);
        }
      }
    }
    for (String format : List.of("gnu", "0.0", "0.1", "1.0")) {
      Path archive = sandbox.root().resolve("archive-" + format + ".tar");
      Commands.run(
              "tar",
              "-C",
              source.toString(),
              "--sparse",
              format.equals("gnu") ? "--format=gnu" : "--format=posix",
              format.equals("gnu") ? "--no-xattrs" : "--sparse-version=" + format,
              "-cf",
              archive.toString(),
              ".")
          .succeed();
      Path target = sandbox.directory("sparse-" + format);
      try (InputStream in = Files.newInputStream(archive)) {
        assertEquals(12L << 30, unpack(in, UpperFormat.KERNEL, target).bytes());
      }
      assertEquals(List.of("3221225472", "9663676416"), new Tree(target).list(""));
      for (long size : sizes) {
        try (RandomAccessFile file = new RandomAccessFile(target + "/" + size, "r")) {
          assertEquals(size, file.length());
          for (int part = 0; part < PARTS; part++) {
            file.seek(place(size, part));
            assertEquals(part + 1, file.readLong());
          }
        }
        long blocks = new Tree(target).stat("" + size).blocks;
        assertEquals(new Tree(source).stat("" + size).blocks, blocks, "the rest are holes");
      }
    }
  }

  private static final int PARTS = 200;

  /** The last part ends with the file's last byte but one. */
  private static long place(long size, int part) {
    return (size - 9) / (PARTS - 1) * part;
  }

  /** Names that stand in for the real ones, and a map in records of its own. */
  @Test
  void sparseFilesHaveTheirRealNames() throws IOException {
    String name = "n".repeat(120) + "\u00e9";
    unpack(
        new RawTar()
            .pax("GNU.sparse.size", "100000")
            .pax("GNU.sparse.name", name)
            .pax("GNU.sparse.map", "10,2,99998,2")
            .pax("path", "GNUSparseFile.1/x")
            .file("y", "abcd")
            .file("next", "plain")
            .pax("GNU.sparse.major", "1")
            .pax("GNU.sparse.minor", "0")
            .pax("GNU.sparse.realsize", "5")
            .pax("size", "514")
            .entry("one", '0', "", 0, ("1\n3\n2\n" + "\0".repeat(506) + "de").getBytes(ISO_8859_1))
            .file("last", "plain")
            .oldSparse("old", 12, "abcdef", 0, 1, 2, 1, 4, 1, 6, 1, 8, 1, 10, 1)
            .file("after", "")
            .end());
    assertEquals(List.of("after", "last", "next", name, "old", "one"), tree.list(""));
    assertEquals("a\0b\0c\0d\0e\0f\0", tree.read("old"));
    assertEquals("\0".repeat(10) + "ab" + "\0".repeat(99_986) + "cd", tree.read(name));
    assertEquals("plain", tree.read("next"));
    assertEquals("\0\0\0de", tree.read("one"));
    assertEquals("plain", tree.read("last"));
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
