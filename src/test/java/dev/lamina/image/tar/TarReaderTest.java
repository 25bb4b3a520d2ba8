package dev.lamina.image.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.ImageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Headers as no common program writes them: what is read from them, and which are refused. */
@Tag("one-jdk")
class TarReaderTest {
  private static final byte[] NONE = {};
  private static final int UID = 108;
  private static final int GID = 116;
  private static final int SIZE = 124;
  private static final int MTIME = 136;
  private static final int MAJOR = 329;

  private static TarReader reader(byte[] archive) {
    return new TarReader(new ByteArrayInputStream(archive), TarReader.UNKNOWN);
  }

  private static TarReader reader(RawTar archive) {
    return reader(archive.bytes());
  }

  private static TarEntry first(RawTar archive) throws IOException {
    return reader(archive).next();
  }

  /** Names and data of all entries. */
  private static List<String> all(byte[] archive) throws IOException {
    TarReader tar = reader(archive);
    List<String> found = new ArrayList<>();
    for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
      found.add(entry.name() + "=" + new String(tar.data().readAllBytes(), ISO_8859_1));
    }
    return found;
  }

  /** An archive of one entry with other bytes at a place in its header. */
  private static RawTar withField(int at, String field) {
    byte[] archive = new RawTar().file("file", "x").end().bytes();
    byte[] bytes = field.getBytes(ISO_8859_1);
    System.arraycopy(bytes, 0, archive, at, bytes.length);
    return new RawTar().raw(withChecksum(archive, false));
  }

  /** Sets the checksum of the first header. */
  private static byte[] withChecksum(byte[] archive, boolean isSigned) {
    Arrays.fill(archive, 148, 156, (byte) ' ');
    int sum = 0;
    for (int i = 0; i < 512; i++) {
      sum += isSigned ? archive[i] : archive[i] & 0xff;
    }
    byte[] digits = String.format("%06o\0 ", sum).getBytes(ISO_8859_1);
    System.arraycopy(digits, 0, archive, 148, digits.length);
    return archive;
  }

  /** A whiteout but for the high bits of its major device number, which is in base 256. */
  private static RawTar deviceOf33Bits() {
    byte[] archive = new RawTar().device("device", '3', 0, 0).bytes();
    byte[] major = {(byte) 0x80, 0, 0, 1, 0, 0, 0, 0};
    System.arraycopy(major, 0, archive, MAJOR, major.length);
    return new RawTar().raw(withChecksum(archive, false));
  }

  private static RawTar extended(char type, String records) {
    byte[] bytes = records.getBytes(ISO_8859_1);
    return new RawTar().bare("extended", type, "", bytes.length, bytes);
  }

  private static RawTar sparse(String map, String contents) {
    return new RawTar()
        .pax("GNU.sparse.size", "10")
        .pax("GNU.sparse.map", map)
        .file("file", contents)
        .end();
  }

  private static byte[] cut(RawTar archive, int length) {
    return Arrays.copyOf(archive.bytes(), length);
  }

  static Stream<Arguments> refused() {
    byte[] twoFiles = new RawTar().file("a", "x").file("b", "").end().bytes();
    twoFiles[1024 + 3] ^= 1;
    RawTar file = new RawTar().file("file", "contents");
    String notInFile = "file: its sparse map is wrong: its parts are not in the file";
    String malformed = "a record of an extended header is malformed";
    return Stream.of(
        Arguments.of("a wrong checksum", "the header at byte 1024 has a wrong checksum", twoFiles),
        refused("a checksum that is text", "wrong checksum", withText(148, "checksum")),
        refused(
            "a negative size",
            "file: the size in its header is negative",
            new RawTar().entry("file", '0', "", -5, NONE)),
        refused(
            "a size of more than 63 bits",
            "file: the size in its header is not a number",
            withField(SIZE, "\u0080\0\0\0\u0080\0\0\0\0\0\0\0")),
        refused(
            "a size that the archive cannot have",
            "file: it has 9223372036854775807 bytes, but the archive ends before that",
            new RawTar().entry("file", '0', "", Long.MAX_VALUE, NONE)),
        refused(
            "a device number of more than 32 bits",
            "device: its device number is out of range: 4294967296",
            deviceOf33Bits()),
        refused(
            "device numbers of more than 32 bits in records",
            "device: its device number is out of range: 4294967296",
            new RawTar()
                .pax("SCHILY.devmajor", "4294967296")
                .pax("SCHILY.devminor", "4294967296")
                .device("device", '3', 0, 0)),
        refused(
            "a negative device number",
            "device: its device number is out of range: -1",
            new RawTar().pax("SCHILY.devminor", "-1").device("device", '3', 0, 0)),
        refused("a size that is text", "size in its header is not", withField(SIZE, "text")),
        refused("an owner that is text", "owner in its header is not", withField(UID, "nobody")),
        refused("a group with text", "group in its header is not", withField(GID, "12 34")),
        refused("digits that are not octal", "owner in its header", withField(UID, "0000008")),
        refused(
            "a time that is text",
            "file: the modification time in its header is not a number",
            withField(MTIME, "yesterday")),
        refused(
            "a time after all",
            "file: its modification time is out of range",
            new RawTar().time(Long.MAX_VALUE).file("file", "")),
        refused(
            "a time in a record after all",
            "file: its modification time is out of range",
            new RawTar().pax("mtime", "9".repeat(18)).file("file", "")),
        refused(
            "a time in a record that is text",
            "file: its modification time is not a number: 1e9",
            new RawTar().pax("mtime", "1e9").file("file", "")),
        refused(
            "an owner in a record that is text",
            "file: its uid is not a number: nobody",
            new RawTar().pax("uid", "nobody").file("file", "")),
        refused(
            "a negative size in a record",
            "file: its size is negative",
            new RawTar().pax("size", "-1").file("file", "")),
        Arguments.of(
            "truncated in the first header",
            "it is truncated in a header, at byte 100",
            cut(file, 100)),
        Arguments.of(
            "truncated in the end",
            "it is truncated in a header, at byte 1124",
            new RawTar().file("file", "").raw(new byte[512 + 100]).bytes()),
        Arguments.of("truncated in data", "file ends 3 bytes too early", cut(file, 517)),
        Arguments.of(
            "truncated in an extended header",
            "an extended header of the archive ends 3 bytes too early",
            cut(extended('x', RawTar.record("path", "long")), 512 + 10)),
        refused("a length beyond the records", malformed, extended('x', "99 path=x\n")),
        refused("a length within the record", malformed, extended('x', "7 path=x\n")),
        refused("a length of nothing", malformed, extended('x', "0 path=x\n")),
        refused("a negative length", malformed, extended('x', "-9 path=x\n")),
        refused("a length of too many digits", malformed, extended('x', "9".repeat(30) + " a=b\n")),
        refused("no length", malformed, extended('x', "path=x\n")),
        refused("no value", malformed, extended('x', "9 pathxx\n")),
        refused("no key and no value", malformed, extended('x', "3 \n")),
        refused(
            "a long name without an entry",
            "no entry follows the last extended header",
            extended('L', "name\0")),
        refused(
            "a pax header without an entry",
            "no entry follows the last extended header",
            extended('x', "9 path=x\n").end()),
        refused(
            "nine extended headers",
            "more than 8 extended headers are before one entry",
            new RawTar().raw(repeated(extended('K', "x").bytes(), 9)).file("file", "")),
        refused(
            "a size for all entries",
            "a global header has a size, which is of one entry",
            extended('g', "9 size=1\n")),
        refused(
            "a name for all entries",
            "a global header has a path, which is of one entry",
            extended('g', "9 path=x\n")),
        refused(
            "a directory with data",
            "d: it cannot have data, but its extended header says that it has ",
            new RawTar().pax("size", "5").entry("d", '5', "", 0, NONE)),
        refused(
            "data of what its name makes a directory",
            "the directory d/ has data",
            new RawTar().file("d/", "x")),
        refused(
            "a lone block of zeros with an entry behind it",
            "more data follows the end, a lone block of zeros at byte 512",
            new RawTar().file("file", "").raw(new byte[512]).file("other", "")),
        refused("parts that are not in order", notInFile, sparse("5,2,0,2", "1234")),
        refused("parts over one another", notInFile, sparse("0,4,2,4", "12345678")),
        refused("a part behind the end", notInFile, sparse("0,2,9,2", "1234")),
        refused("a part that begins behind the end", notInFile, sparse("11,0", "")),
        refused(
            "a map with a comma at its end",
            "file: its GNU.sparse.map is not a number",
            sparse("0,2,", "12")),
        refused(
            "a map of the old format in a header that is not GNU tar's",
            "the sparse file file is stored in an unknown format",
            new RawTar().entry("file", 'S', "", 0, NONE)),
        refused(
            "an old map without an end",
            "its sparse map is wrong: it has 100002 parts, which is more than 100000",
            endlessOldMap()));
  }

  private static Arguments refused(String what, String message, RawTar archive) {
    return Arguments.of(what, message, archive.bytes());
  }

  private static RawTar withText(int at, String text) {
    byte[] archive = new RawTar().file("file", "").bytes();
    System.arraycopy(text.getBytes(ISO_8859_1), 0, archive, at, text.length());
    return new RawTar().raw(archive);
  }

  private static byte[] repeated(byte[] bytes, int times) {
    byte[] all = new byte[bytes.length * times];
    for (int i = 0; i < times; i++) {
      System.arraycopy(bytes, 0, all, i * bytes.length, bytes.length);
    }
    return all;
  }

  /** Blocks without a part, each of which says that another one follows. */
  private static RawTar endlessOldMap() {
    byte[] header = cut(new RawTar().oldSparse("file", 10, "", new long[10]), 512);
    byte[] extension = new byte[512];
    extension[504] = 1;
    return new RawTar().raw(header).raw(repeated(extension, 5_000));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void refused(String what, String message, byte[] archive) {
    String refused = assertThrows(ImageException.class, () -> all(archive)).getMessage();
    assertTrue(refused.contains(message), refused);
  }

  @Test
  void anArchiveWhoseSizeIsKnownIsRefusedBeforeItsDataAreRead() throws IOException {
    byte[] archive = cut(new RawTar().file("file", "contents"), 519);
    TarReader tar = new TarReader(new ByteArrayInputStream(archive), archive.length);
    String refused = assertThrows(ImageException.class, tar::next).getMessage();
    assertTrue(refused.contains("file: it has 8 bytes, but the archive ends before that"), refused);
    assertTrue(tar.isTar());
  }

  @Test
  void emptyArchivesHaveNoEntries() throws IOException {
    for (int blocks : new int[] {0, 1, 2, 20}) {
      TarReader tar = reader(new byte[512 * blocks]);
      assertNull(tar.next());
      assertFalse(tar.isTar());
    }
    assertNull(first(extended('g', RawTar.record("comment", "c"))));
  }

  @Test
  void theEndMayBeMissing() throws IOException {
    byte[] file = new RawTar().file("file", "contents").bytes();
    assertEquals(List.of("file=contents"), all(file));
    assertEquals(List.of("file=contents"), all(Arrays.copyOf(file, 520)));
    assertEquals(List.of("file=contents"), all(Arrays.copyOf(file, 900)));
    assertEquals(List.of("file=contents"), all(Arrays.copyOf(file, file.length + 512)));
  }

  @Test
  void whatFollowsTheEndIsNotRead() throws IOException {
    byte[] garbage = "garbage".repeat(200).getBytes(ISO_8859_1);
    assertEquals(List.of("a="), all(new RawTar().file("a", "").end().raw(garbage).bytes()));
  }

  @Test
  void dataNeedNotBeRead() throws IOException {
    TarReader tar = reader(new RawTar().file("a", "12345").file("b", "678").end());
    assertEquals("a", tar.next().name());
    assertEquals(512, tar.position());
    assertEquals('1', tar.data().read());
    assertEquals(513, tar.position());
    assertEquals("b", tar.next().name());
    assertEquals(1536, tar.position());
    assertEquals("678", new String(tar.data().readAllBytes(), ISO_8859_1));
    assertEquals(-1, tar.data().read());
    assertNull(tar.next());
    assertEquals(3072, tar.position());
  }

  @Test
  void numbersInAllForms() throws IOException {
    assertEquals(17, first(withField(UID, "    21 \0")).uid());
    assertEquals(0, first(withField(UID, "        ")).uid());
    assertEquals(0, first(withField(UID, "\0garbage")).uid());
    assertEquals(0xffffff, first(withField(UID, "77777777")).uid());
    assertEquals(-2, first(withField(UID, "\u00ff".repeat(7) + "\u00fe")).uid());
    assertEquals(-1L << 62, first(withField(UID, "\u00c0" + "\0".repeat(7))).uid());
    assertEquals(0xffff_fffeL, first(new RawTar().owner(0xffff_fffeL, 0).file("f", "")).uid());
    RawTar old = new RawTar().owner(1L << 40, 5).time(-3).file("file", "");
    assertEquals(1L << 40, first(old).uid());
    assertEquals(5, first(old).gid());
    assertEquals(Instant.ofEpochSecond(-3), first(old).modified());
  }

  @Test
  void checksumsOfSignedBytesAreRight() throws IOException {
    byte[] archive = new RawTar().file("caf\u00e9", "").bytes();
    assertEquals("caf\u00e9", reader(withChecksum(archive, true)).next().name());
    assertEquals("caf\u00e9", reader(withChecksum(archive, false)).next().name());
  }

  @Test
  void recordsCountMoreThanTheHeader() throws IOException {
    RawTar archive =
        new RawTar()
            .owner(1, 2)
            .pax("uid", "4294967294")
            .pax("gid", "70000")
            .pax("mtime", "-3.25")
            .pax("atime", "1700000000.1234567899")
            .pax("size", "3")
            .pax("linkpath", "unused")
            .xattr("user.empty", "")
            .xattr("user.bytes", "\0\n=\u00ff")
            .pax("comment", "not kept")
            .entry("file", '0', "", 0, "abc".getBytes(ISO_8859_1))
            .file("next", "")
            .end();
    TarEntry entry = first(archive);
    assertEquals(4294967294L, entry.uid());
    assertEquals(70_000, entry.gid());
    assertEquals(Instant.ofEpochSecond(-4, 750_000_000), entry.modified());
    assertEquals(Instant.ofEpochSecond(1_700_000_000, 123_456_789), entry.accessed());
    assertEquals(3, entry.size());
    Map<String, String> attributes =
        Map.of("SCHILY.xattr.user.empty", "", "SCHILY.xattr.user.bytes", "\0\n=\u00ff");
    assertEquals(attributes, entry.attributes());
    assertEquals(List.of("file=abc", "next="), all(archive.bytes()));
  }

  @Test
  void theLastPaxHeaderCounts() throws IOException {
    RawTar archive =
        extended('x', RawTar.record("path", "first") + RawTar.record("uid", "7"))
            .raw(extended('x', RawTar.record("path", "second")).bytes())
            .file("own", "");
    assertEquals("second", first(archive).name());
    assertEquals(0, first(archive).uid());
  }

  @Test
  void globalRecordsAreOfAllEntriesBehindThem() throws IOException {
    TarReader tar =
        reader(
            new RawTar()
                .time(5)
                .file("before", "")
                .raw(extended('g', RawTar.record("mtime", "1") + xattr("user.a", "g")).bytes())
                .file("first", "")
                .pax("mtime", "2")
                .xattr("user.a", "x")
                .file("own", "")
                .pax("mtime", "")
                .file("taken-back", "")
                .raw(extended('g', RawTar.record("mtime", "3")).bytes())
                .file("last", "")
                .end());
    List<String> found = new ArrayList<>();
    for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
      String attribute = entry.attributes().get(TarEntry.XATTR + "user.a");
      found.add(entry.name() + " " + entry.modified().getEpochSecond() + " " + attribute);
    }
    assertEquals(
        List.of("before 5 null", "first 1 g", "own 2 x", "taken-back 5 g", "last 3 g"), found);
  }

  private static String xattr(String name, String value) {
    return RawTar.record(TarEntry.XATTR + name, value);
  }

  @Test
  void whichOfSeveralNamesCounts() throws IOException {
    String path = RawTar.record("path", "pax");
    String real = path + RawTar.record("GNU.sparse.name", "real");
    byte[] longName = extended('L', "gnu\0\0").bytes();
    byte[] empty = extended('L', "\0").bytes();
    assertEquals("own", first(new RawTar().file("own", "")).name());
    assertEquals("pax", first(extended('x', path).file("own", "")).name());
    assertEquals("gnu", first(extended('x', path).raw(longName).file("own", "")).name());
    assertEquals(
        "gnu", first(new RawTar().raw(longName).pax("path", "pax").file("own", "")).name());
    assertEquals("pax", first(extended('x', path).raw(empty).file("own", "")).name());
    assertEquals("real", first(extended('x', real).raw(longName).file("own", "")).name());
    assertEquals("own", first(new RawTar().pax("path", "").file("own", "")).name());
    assertEquals("gnu", first(extended('K', "gnu\0").symlink("link", "own")).linkName());
  }

  /** The field of a header ends with a NUL; a record holds any byte, for its reader to judge. */
  @Test
  void namesWithNul() throws IOException {
    assertEquals("a", first(new RawTar().file("a\0b", "")).name());
    assertEquals("a\0b", first(new RawTar().pax("path", "a\0b").file("x", "")).name());
    assertEquals("a\0b", first(extended('L', "a\0b\0\0").file("x", "")).name());
  }

  @Test
  void whatEntriesAre() throws IOException {
    assertTrue(first(new RawTar().entry("f", '\0', "", 0, NONE)).isRegular());
    assertTrue(first(new RawTar().entry("f", '7', "", 0, NONE)).isRegular());
    assertTrue(first(new RawTar().entry("d/", '\0', "", 0, NONE)).isDirectory());
    assertTrue(first(new RawTar().entry("d/", '0', "", 0, NONE)).isDirectory());
    TarEntry unknown = first(new RawTar().entry("d/", 'Q', "", 0, NONE));
    assertFalse(unknown.isDirectory() || unknown.isRegular());
    TarEntry device = first(new RawTar().device("null", '3', 1, 3));
    assertTrue(device.isCharacterDevice());
    assertEquals(1, device.major());
    assertEquals(3, device.minor());
  }

  /** The size of a link is that of what it leads to, as some programs write it. */
  @Test
  void linksHaveNoData() throws IOException {
    RawTar archive = new RawTar().entry("link", '1', "file", 512, NONE).file("next", "x").end();
    assertEquals(List.of("link=", "next=x"), all(archive.bytes()));
    assertEquals("file", first(archive).linkName());
  }

  @Test
  void namesWithAPrefix() throws IOException {
    assertEquals("prefix/", first(new RawTar().prefixed("prefix", 0, NONE)).name());
    byte[] star = new RawTar().prefixed("p".repeat(130), 0, NONE).bytes();
    byte[] times = "00000000012 00000000013 ".getBytes(ISO_8859_1);
    System.arraycopy(times, 0, star, 476, times.length);
    System.arraycopy("tar".getBytes(ISO_8859_1), 0, star, 508, 3);
    TarEntry entry = reader(withChecksum(star, false)).next();
    assertEquals("p".repeat(130) + "/", entry.name());
    assertEquals(Instant.ofEpochSecond(10), entry.accessed());
  }

  @Test
  void sparseFilesInAllFormats() throws IOException {
    byte[] front = ("2\n1\n2\n8\n1\n" + "\0".repeat(502) + "abc").getBytes(ISO_8859_1);
    String version =
        RawTar.record("GNU.sparse.major", "1") + RawTar.record("GNU.sparse.minor", "0");
    String numbers =
        RawTar.record("GNU.sparse.offset", "1")
            + RawTar.record("GNU.sparse.numbytes", "2")
            + RawTar.record("GNU.sparse.offset", "8")
            + RawTar.record("GNU.sparse.numbytes", "1");
    List<RawTar> archives =
        List.of(
            new RawTar().oldSparse("file", 10, "abc", 1, 2, 8, 1),
            extended('x', RawTar.record("GNU.sparse.size", "10") + numbers).file("file", "abc"),
            sparse("1,2,8,1", "abc"),
            extended('x', version + RawTar.record("GNU.sparse.realsize", "10"))
                .entry("file", '0', "", front.length, front));
    for (RawTar archive : archives) {
      TarReader tar = reader(archive.file("next", "").end());
      TarEntry entry = tar.next();
      assertEquals(10, entry.size());
      assertTrue(entry.isRegular());
      SparseMap map = entry.sparse();
      assertEquals(2, map.parts());
      assertEquals(List.of(1L, 2L), List.of(map.offset(0), map.length(0)));
      assertEquals(List.of(8L, 1L), List.of(map.offset(1), map.length(1)));
      assertEquals("abc", new String(tar.data().readAllBytes(), ISO_8859_1));
    }
  }
}
