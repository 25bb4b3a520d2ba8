package dev.lamina.image.layer;

import static dev.lamina.testing.Tree.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.layer.LayerStack;
import dev.lamina.sys.Devices;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Snapshot;
import dev.lamina.testing.Tree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * GNU tar and Python read the archive of a tree in which everything is hard to put into an archive.
 */
@Tag("one-jdk")
@Tag("slow")
class TarWriterTest {
  private static final String NON_UTF8 = "caf\u00e9-\u00ff\u0080";
  private static final String LONG_NAME = "n".repeat(255);
  private static final String LONG_PATH = "p/" + "d".repeat(120) + "/" + "e".repeat(180) + "/f";

  private final Sandbox sandbox = new Sandbox();
  private final Tree source = new Tree(sandbox.directory("source"));
  private final Tree target = new Tree(sandbox.directory("target"));
  private final Path file = sandbox.root().resolve("layer.tar");

  @AfterEach
  void close() {
    sandbox.close();
  }

  @BeforeEach
  void fill() throws IOException {
    source.write(NON_UTF8, "x");
    source.write("new\nline and tab\t\\ \"", "x");
    source.write("-dash", "x");
    source.write(" ", "x");
    source.write(LONG_NAME, "x");
    source.write(LONG_PATH, "x");
    // These names are as long as the field for a name, and one byte longer or shorter.
    for (int length = 98; length <= 102; length++) {
      source.write("l".repeat(length), "" + length);
      source.directory("D".repeat(length));
      ok(source.symlink("t".repeat(length), "symlink" + length));
      ok(source.link("l".repeat(length), "hard" + length));
    }
    // The part of the name that the header holds ends in a slash.
    source.write("s".repeat(99) + "/file", "x");
    ok(source.symlink("s".repeat(99) + "/file", "symlink-slash"));
    ok(source.symlink("ends-in-a-slash/", "symlink-end"));
    ok(source.symlink(NON_UTF8 + "/../" + "x".repeat(3000), "symlink"));
    ok(source.link(NON_UTF8, "hard"));
    ok(source.link(LONG_PATH, "hard-long"));
    source.write("owner", "x");
    ok(source.chown("owner", 2_097_152, -2));
    ok(source.mkdir("times", 0755));
    long[][] times = {
      {0, 0},
      {-1, 0},
      {-1, 500_000_000},
      {-2, 1},
      {-1, 999_999_999},
      {-86_400_000, 250_000_000},
      {1, 1},
      {1_700_000_000, 123_456_789},
      {8_589_934_591L, 0},
      {8_589_934_592L, 100}
    };
    for (long[] time : times) {
      String name = "times/" + time[0] + "." + time[1];
      source.write(name, "x");
      ok(source.utimens(name, time[0], (int) time[1]));
    }
    ok(source.utimens("times", -100, 7));
    source.write("capable", "x");
    byte[] capability = {1, 0, 0, 2, 0, 0x24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    ok(source.setxattr("capable", "security.capability", capability, 0));
    ok(source.link("capable", "also-capable"));
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    ok(source.setxattr("capable", "user.all", all, 0));
    ok(source.setxattr("capable", "user.empty", ""));
    ok(source.setxattr("capable", "user.n\u00e4me with space", "1"));
    ok(source.setxattr("capable", "user.a=b%c", "1"));
    ok(source.setxattr("times", "trusted.long", new byte[3000], 0));
    Commands.run("setfacl", "-m", "u:1234:r,g:7:rw", source.string("owner")).succeed();
    Commands.run("setfacl", "-d", "-m", "u:1234:r", source.string("times")).succeed();
    ok(source.utimens("times", -100, 7));
    ok(source.mknod("null", Mode.S_IFCHR | 0666, Devices.make(1, 3)));
    ok(source.mknod("block", Mode.S_IFBLK | 0600, Devices.make(4095, 1_048_575)));
    ok(source.mknod("fifo", Mode.S_IFIFO | 0622, 0));
    source.write("bits", "x");
    ok(source.chmod("bits", 07755));
    ok(source.chmod("times", 03777));
    source.write("empty", "");
    source.write("exactly-512", "x".repeat(512));
    Files.write(file, Stacks.diff(List.of(Path.of(source.string("")))));
  }

  @Test
  void gnuTarReadsAllOfIt() {
    AppliedLayer.unpack(read(file), Path.of(target.string("")), Path.of(source.string("")));
    Snapshot.assertSame("the tree", AppliedLayer.snapshot(source), AppliedLayer.snapshot(target));
  }

  private static byte[] read(Path path) {
    try {
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void pythonReadsAllOfIt() {
    String script =
        """
        import os, sys, tarfile
        root = os.fsencode(sys.argv[2])
        seen = 0
        for m in tarfile.open(sys.argv[1], errors='surrogateescape'):
            seen += 1
            # In UTF-8 if possible, and then compared as bytes.
            name = m.name.encode('utf-8', 'surrogateescape')
            st = os.lstat(os.path.join(root, name))
            kind = {0o100000: m.isreg() or m.islnk(), 0o40000: m.isdir(), 0o120000: m.issym(),
                    0o20000: m.ischr(), 0o60000: m.isblk(), 0o10000: m.isfifo()}[st.st_mode & 0o170000]
            assert kind, (name, m.type)
            assert m.mode == st.st_mode & 0o7777, name
            assert (m.uid, m.gid) == (st.st_uid, st.st_gid), name
            assert abs(m.mtime - st.st_mtime) < 1e-5, (name, m.mtime, st.st_mtime)
            assert m.uname == '' and m.gname == '', name
            assert 'atime' not in m.pax_headers and 'ctime' not in m.pax_headers
            if m.isreg():
                assert m.size == st.st_size, name
            if m.issym():
                assert m.linkname.encode('utf-8', 'surrogateescape') == os.readlink(os.path.join(root, name))
            if m.islnk():
                target = os.lstat(os.path.join(root, m.linkname.encode('utf-8', 'surrogateescape')))
                assert target.st_ino == st.st_ino, name
            if m.ischr() or m.isblk():
                assert (m.devmajor, m.devminor) == (os.major(st.st_rdev), os.minor(st.st_rdev)), name
        print(seen)
        """;
    String out =
        Commands.run("python3", "-c", script, file.toString(), source.string("")).succeed().out();
    long objects = Commands.run("find", source.string(""), "-printf", "x").succeed().out().length();
    assertEquals(objects, Long.parseLong(out.trim()));
  }

  @Test
  void socketsAreLeftOutWithAWarning() {
    ok(source.mknod("socket", Mode.S_IFSOCK | 0600, 0));
    StringBuilder warnings = new StringBuilder();
    byte[] tar = Stacks.diff(List.of(Path.of(source.string(""))), new TarOptions(warnings::append));
    assertEquals("/socket is a socket and is left out", warnings.toString());
    assertFalse(AppliedLayer.names(tar, sandbox.root()).contains("socket"));
  }

  @Test
  void timesCanBeClamped() {
    TarOptions options = new TarOptions(1, Stacks::fail);
    byte[] tar = Stacks.diff(List.of(Path.of(source.string("times"))), options);
    AppliedLayer.unpack(tar, Path.of(target.string("")), Path.of(source.string("")));
    assertEquals(-100, target.stat("").mtimeSeconds);
    assertEquals(1, target.stat("1700000000.123456789").mtimeSeconds);
    assertEquals(0, target.stat("1700000000.123456789").mtimeNanos);
    assertEquals(0, target.stat("1.1").mtimeNanos);
    assertEquals(500_000_000, target.stat("-1.500000000").mtimeNanos);
  }

  /**
   * The size does not fit into a ustar header. The file is a hole, which takes no space and is not
   * read.
   */
  @Test
  void sizesBeyondEightGigabytes() throws IOException {
    int fd = ok(target.open("huge", OpenFlags.O_WRONLY | OpenFlags.O_CREAT, 0644));
    ok(Linux.ftruncate(fd, (8L << 30) + 5));
    Linux.close(fd);
    Process list =
        new ProcessBuilder("tar", "--numeric-owner", "-tvf", "-").redirectErrorStream(true).start();
    try (LayerStack stack = Stacks.open(List.of(Path.of(target.string(""))))) {
      new LayerDiff(stack, new TarOptions(Stacks::fail)).writeTo(list.getOutputStream());
      list.getOutputStream().close();
    }
    String out = new String(list.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    assertTrue(out.contains(" " + ((8L << 30) + 5) + " "), out);
    assertEquals(2, out.lines().count(), out);
  }
}
