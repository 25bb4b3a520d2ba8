package dev.lamina.image.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.testing.Commands;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives in all of GNU tar's formats are read as Python's tarfile reads them. */
@Tag("one-jdk")
class TarReaderAgainstPythonTest {
  private static final String PROGRAM =
      """
      import sys, tarfile
      for m in tarfile.open(sys.argv[1], encoding="iso-8859-1"):
          size = m.size if m.isreg() else 0
          parts = "".join(" %d+%d" % p for p in m.sparse or () if p[1])
          device = (m.devmajor, m.devminor) if m.isdev() and not m.isfifo() else (0, 0)
          print(m.name, m.linkname if m.islnk() or m.issym() else "", size, m.offset_data,
                oct(m.mode), m.uid, m.gid, int(m.mtime // 1), *device, parts, sep="|")
      """;

  @TempDir Path directory;
  private Path source;

  @BeforeEach
  void makeFiles() throws IOException {
    source = Files.createDirectory(directory.resolve("source"));
    Files.writeString(source.resolve("file"), "contents");
    Files.createLink(source.resolve("link"), source.resolve("file"));
    Files.createSymbolicLink(source.resolve("symlink"), Path.of("elsewhere"));
    Files.createDirectories(source.resolve("d".repeat(80) + "/" + "e".repeat(60)));
    Files.writeString(source.resolve("d".repeat(80) + "/" + "e".repeat(60) + "/deep"), "x");
    try (var file = new RandomAccessFile(source + "/holes", "rw")) {
      for (int part = 0; part < 60; part++) {
        file.seek((part + 1) << 20);
        file.write(part + 1);
      }
      file.setLength(100 << 20);
    }
    Commands.run("mkfifo", source + "/fifo").succeed();
  }

  private Path tar(String... options) {
    Path archive = directory.resolve("archive.tar");
    List<String> command = new ArrayList<>(List.of("tar", "-C", source.toString(), "-cf"));
    command.add(archive.toString());
    command.addAll(List.of(options));
    command.add(".");
    // What a format cannot hold is left out, with a status of its own.
    assertTrue(Commands.run(command.toArray(String[]::new)).status() <= 2);
    return archive;
  }

  private static void compare(Path archive) throws IOException {
    String expected = Commands.run("python3", "-c", PROGRAM, archive.toString()).succeed().out();
    StringBuilder found = new StringBuilder();
    try (InputStream in = Files.newInputStream(archive)) {
      TarReader tar = new TarReader(in, Files.size(archive));
      for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
        found.append(line(entry, tar.position())).append('\n');
      }
    }
    assertEquals(expected, found.toString());
  }

  private static String line(TarEntry entry, long position) {
    StringBuilder parts = new StringBuilder();
    for (int i = 0; entry.sparse() != null && i < entry.sparse().parts(); i++) {
      if (entry.sparse().length(i) > 0) {
        parts.append(' ').append(entry.sparse().offset(i)).append('+');
        parts.append(entry.sparse().length(i));
      }
    }
    return String.join(
        "|",
        entry.name().replaceFirst("(?<=.)/$", ""),
        entry.isHardLink() || entry.isSymlink() ? entry.linkName() : "",
        Long.toString(entry.isRegular() ? entry.size() : 0),
        Long.toString(position),
        "0o" + Integer.toOctalString(entry.mode()),
        Long.toString(entry.uid()),
        Long.toString(entry.gid()),
        Long.toString(entry.modified().getEpochSecond()),
        Integer.toString(entry.major()),
        Integer.toString(entry.minor()),
        parts);
  }

  @ParameterizedTest
  @ValueSource(strings = {"v7", "ustar", "oldgnu", "gnu", "posix"})
  void formatsOfGnuTar(String format) throws IOException {
    compare(tar("--format=" + format));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0", "0.1", "1.0"})
  void sparseFilesInPaxFormat(String version) throws IOException {
    compare(tar("--format=posix", "--sparse", "--sparse-version=" + version));
  }

  @Test
  void sparseFilesInTheOldFormat() throws IOException {
    compare(tar("--format=gnu", "--sparse"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gnu", "posix"})
  void largeNumbers(String format) throws IOException {
    String time = "--mtime=1912-04-15 02:20:00.5";
    compare(tar("--format=" + format, "--owner=a:4000000", "--group=b:4294967294", time));
  }

  @Test
  void globalHeaders() throws IOException {
    compare(tar("--format=posix", "--pax-option=globexthdr.name=g,uid=77,mtime=99"));
  }

  @Test
  void headersOfOurOwn() throws IOException {
    String longName = "n".repeat(200);
    byte[] data = (longName + "\0").getBytes(ISO_8859_1);
    Path archive = directory.resolve("archive.tar");
    Files.write(
        archive,
        new RawTar()
            .owner(1L << 33, 3)
            .time(-12_345)
            .mode(06711)
            .file("file", "contents")
            .device("disk", '4', 259, 70_000)
            .pax("size", "4")
            .pax("mtime", "5.75")
            .entry("sized", '0', "", 0, "1234".getBytes(ISO_8859_1))
            .bare("././@LongLink", 'L', "", data.length, data)
            .bare("././@LongLink", 'K', "", data.length, data)
            .symlink("link", "short")
            .entry("hard", '1', "file", 0, new byte[0])
            .end()
            .bytes());
    compare(archive);
  }
}
