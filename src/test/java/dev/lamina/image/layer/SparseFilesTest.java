package dev.lamina.image.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.layer.LayerUnpacker.Unpacked;
import dev.lamina.image.tar.RawTar;
import dev.lamina.layer.UpperFormat;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Tree;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Sparse files in all formats of GNU tar. */
class SparseFilesTest extends UnpackingTest {
  private static final String WRONG_MAP = "the archive is damaged: file: its sparse map is wrong: ";

  /** The number of parts of a large file. */
  private static final int PARTS = 200;

  /** Makes an archive of a directory, with sparse files in one of GNU tar's formats. */
  private Path gnuTar(Path source, String format) {
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
    return archive;
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
      Path archive = gnuTar(source, format);
      Path target = sandbox.directory("sparse-" + format);
      try (InputStream in = Files.newInputStream(archive)) {
        Unpacked unpacked = LayerUnpackerTest.unpack(in, UpperFormat.KERNEL, target);
        assertEquals((300L << 20) + 3 + (50 << 20), unpacked.bytes());
      }
      Commands.run("cmp", from.string("sparse"), target.resolve("sparse").toString()).succeed();
      Commands.run("cmp", from.string("empty-end"), target.resolve("empty-end").toString())
          .succeed();
      assertTrue(new Tree(target).stat("sparse").blocks < 2_000, format + " has no holes");
    }
  }

  /** The sizes are larger than an int, and than the octal digits of a tar header can hold. */
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
      Path archive = gnuTar(source, format);
      Path target = sandbox.directory("sparse-" + format);
      try (InputStream in = Files.newInputStream(archive)) {
        assertEquals(12L << 30, LayerUnpackerTest.unpack(in, UpperFormat.KERNEL, target).bytes());
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
        // A file system may need a few blocks for the extents.
        long all = new Tree(source).stat("" + size).blocks + 64;
        assertTrue(blocks < all, "the rest are holes: " + blocks + " blocks of " + all);
      }
    }
  }

  /** Returns the offset of a part; the last one ends one byte before the end of the file. */
  private static long place(long size, int part) {
    return (size - 9) / (PARTS - 1) * part;
  }

  /** The header may have another name than the real one, and the map may be in pax records. */
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

  /** A global header applies to all entries that follow, and the real name only to the next one. */
  @Test
  void realNamesAreOfOneEntry() throws IOException {
    byte[] name = RawTar.record("GNU.sparse.name", "real").getBytes(ISO_8859_1);
    byte[] comment = RawTar.record("comment", "c").getBytes(ISO_8859_1);
    unpack(
        new RawTar()
            .bare("x", 'x', "", name.length, name)
            .bare("g", 'g', "", comment.length, comment)
            .file("first", "1")
            .file("second", "2")
            .end());
    assertEquals(List.of("real", "second"), tree.list(""));
    assertEquals("1", tree.read("real"));
  }

  static Stream<Arguments> refused() {
    byte[] none = {};
    return Stream.of(
        Arguments.of(
            "parts of a sparse file that lie behind its end",
            WRONG_MAP + "its parts are not in the file, in order",
            sparse("0", "10", "0,2,9,2").file("file", "1234").end()),
        Arguments.of(
            "parts of a sparse file over one another",
            WRONG_MAP + "its parts are not in the file, in order",
            sparse("0", "10", "0,2,1,2").file("file", "1234").end()),
        Arguments.of(
            "parts of a sparse file that add up to more than a number holds",
            WRONG_MAP + "its parts are not in the file, in order",
            sparse("0", "10", "1,8999999999999999999,3,1").file("file", "1234").end()),
        Arguments.of(
            "a part of a sparse file without a length",
            WRONG_MAP + "a part has no length",
            sparse("0", "10", "0,2,3").file("file", "12").end()),
        Arguments.of(
            "a sparse file with two maps",
            "the archive is damaged: a sparse file has more than one map",
            records("GNU.sparse.map", "0,2", "GNU.sparse.map", "0,2").file("file", "12").end()),
        Arguments.of(
            "a sparse file with a map, and with parts one by one before it",
            "the archive is damaged: a sparse file has more than one map",
            records("GNU.sparse.offset", "0", "GNU.sparse.map", "0,2").file("file", "12").end()),
        Arguments.of(
            "a sparse file with a map, and with parts one by one behind it",
            "the archive is damaged: a sparse file has more than one map",
            records("GNU.sparse.map", "0,2", "GNU.sparse.offset", "2").file("file", "12").end()),
        Arguments.of(
            "a sparse file of too many parts, whatever follows them",
            WRONG_MAP + "it has 100001 parts, which is more than 100000",
            sparse("0", "10", "1,".repeat(200_001) + "nonsense").file("file", "").end()),
        Arguments.of(
            "a sparse file with more data than parts",
            WRONG_MAP + "its parts have 4 bytes, and the archive has 5",
            sparse("0", "10", "0,4").file("file", "12345").end()),
        Arguments.of(
            "a sparse file of another version",
            "is stored in an unknown format",
            sparse("2", "10", "").file("file", "").end()),
        Arguments.of(
            "a sparse file of star's",
            "is stored in an unknown format",
            new RawTar().entry("file", 'S', "", 0, none).end()),
        Arguments.of(
            "a sparse file of star's in a PAX record, with an entry in its data",
            "is stored in an unknown format",
            new RawTar()
                .pax("SCHILY.filetype", "sparse")
                .pax("SCHILY.realsize", "0")
                .entry("file", '0', "", 512, new RawTar().file("hidden", "").bytes())
                .end()),
        Arguments.of(
            "sparse files of star's in a global header",
            "is stored in an unknown format",
            new RawTar()
                .bare("g", 'g', "", 26, "26 SCHILY.filetype=sparse\n".getBytes(ISO_8859_1))
                .entry("file", '0', "", 512, new RawTar().file("hidden", "").bytes())
                .end()),
        Arguments.of(
            "parts of a sparse file in the old format that lie behind its end",
            WRONG_MAP + "its parts are not in the file, in order",
            new RawTar().oldSparse("file", 10, "1234", 0, 2, 9, 2).end()),
        Arguments.of(
            "a sparse file in the old format with less data than parts",
            WRONG_MAP + "its parts have 4 bytes, and the archive has 3",
            new RawTar().oldSparse("file", 10, "123", 0, 2, 4, 2).end()),
        Arguments.of(
            "a negative place in a sparse file",
            WRONG_MAP + "an offset or a length is not a number",
            new RawTar().oldSparse("file", 10, "1234", -5, 4).end()),
        Arguments.of(
            "a sparse file in the old format that is cut off",
            "the archive is damaged: it is truncated in a header, at byte 1024",
            new RawTar()
                .raw(
                    Arrays.copyOf(
                        new RawTar().oldSparse("file", 10, "", new long[100]).bytes(), 1024))),
        Arguments.of(
            "a map without an end",
            WRONG_MAP + "it is longer than the data",
            sparse("1", "10", "")
                .entry("file", '0', "", 512, ("300\n" + "0\n".repeat(254)).getBytes(ISO_8859_1))),
        Arguments.of(
            "a map that is longer than the data",
            WRONG_MAP + "it is longer than the data",
            sparse("1", "10", "").file("file", "0\n ").end()),
        Arguments.of(
            "a number without an end in a map",
            "the archive is damaged: file: its GNU.sparse.map is not a number: 1111111111",
            sparse("1", "10", "").file("file", "1".repeat(512)).end()));
  }

  /**
   * Makes an extended header with pairs of a key and a value, and the size of a sparse file of two
   * bytes.
   */
  private static RawTar records(String... pairs) {
    StringBuilder all = new StringBuilder(RawTar.record("GNU.sparse.size", "2"));
    for (int i = 0; i < pairs.length; i += 2) {
      all.append(RawTar.record(pairs[i], pairs[i + 1]));
    }
    return new RawTar().bare("x", 'x', "", all.length(), all.toString().getBytes(ISO_8859_1));
  }

  private static RawTar sparse(String version, String size, String map) {
    return new RawTar()
        .pax("GNU.sparse.major", version)
        .pax("GNU.sparse.minor", "0")
        .pax("GNU.sparse.size", size)
        .pax("GNU.sparse.map", map);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void refused(String what, String message, RawTar tar) {
    IOException refused = assertThrows(IOException.class, () -> unpack(tar));
    assertTrue(refused.getMessage().contains(message), refused.getMessage());
  }
}
