package dev.lamina.image.archive;

import static dev.lamina.testing.Mounter.KERNEL_OVERLAY;
import static dev.lamina.testing.Tree.ok;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.lamina.image.layer.AppliedLayer;
import dev.lamina.image.layer.Stacks;
import dev.lamina.image.layer.UpperUnderTest;
import dev.lamina.sys.Devices;
import dev.lamina.sys.Mode;
import dev.lamina.testing.Commands;
import dev.lamina.testing.ShortTempDir;
import dev.lamina.testing.Snapshot;
import dev.lamina.testing.Tree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Other tools unpack an image of two layers made by Lamina to the tree that a mount shows. */
@Tag("one-jdk")
@Tag("slow")
class ReadersTest {

  /** The longest possible name: that of its whiteout would be too long for a file. */
  private static final String LONG_NAME = "n".repeat(255);

  private static final String OLD = "caf\u00e9-\u00ff";

  private final UpperUnderTest union = new UpperUnderTest();
  private final Path layout = union.root().resolve("layout");
  private Map<String, String> expected;

  /** A short path, as podman accepts no path longer than 50 bytes. */
  @TempDir(factory = ShortTempDir.class)
  private Path run;

  @AfterEach
  void close() {
    union.close();
  }

  @BeforeEach
  void makeImage() throws IOException {
    fill(union.base());
    byte[] base = Stacks.diff(List.of(Path.of(union.base().string(""))));
    union.mount(KERNEL_OVERLAY, UpperUnderTest.ALL_MARKS);
    change(union.merged());
    expected = AppliedLayer.snapshot(union.merged());
    union.unmount(KERNEL_OVERLAY);
    umoci("init", "--layout", layout.toString());
    umoci("new", "--image", layout + ":test");
    add("base.tar", base);
    add("upper.tar", union.diff());
  }

  private static void fill(Tree tree) {
    tree.write("etc/passwd", "root");
    tree.write("etc/gone", "x");
    tree.write("bin/capable", "x");
    byte[] capability = {1, 0, 0, 2, 0, 0x24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    ok(tree.setxattr("bin/capable", "security.capability", capability, 0));
    ok(tree.link("bin/capable", "bin/zcapable"));
    tree.write("opaque/old", "x");
    tree.write("renamed/sub/file", "x");
    tree.write("directory/inside", "x");
    tree.write("file", "x");
    tree.write(LONG_NAME, "x");
    tree.write("d".repeat(200) + "/" + "e".repeat(200), "x");
    ok(tree.symlink("etc", "link"));
    ok(tree.chmod("", 0755));
    ok(tree.utimens("etc", 1_000_000_000, 123_456_789));
  }

  private static void change(Tree tree) {
    tree.append("etc/passwd", ":x");
    ok(tree.unlink("etc/gone"));
    ok(tree.chmod("bin/capable", 0711));
    byte[] capability = {1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    tree.write("bin/more", "x");
    ok(tree.chmod("bin/more", 04755));
    ok(tree.setxattr("bin/more", "security.capability", capability, 0));
    ok(tree.setxattr("bin/more", "user.a", "b\0c"));
    ok(tree.link("bin/more", "bin/linked"));
    Commands.run("rm", "-r", tree.string("opaque")).succeed();
    tree.write("opaque/new", "x");
    ok(tree.rename("renamed", "etc/renamed"));
    Commands.run("rm", "-r", tree.string("directory")).succeed();
    tree.write("directory", "a file now");
    ok(tree.unlink("file"));
    tree.write("file/inside", "x");
    ok(tree.unlink("link"));
    tree.write("link/inside", "x");
    ok(tree.unlink(LONG_NAME));
    tree.write(OLD, "x");
    ok(tree.utimens(OLD, -2, 250_000_001));
    ok(tree.symlink("t".repeat(300), "symlink"));
    ok(tree.mknod("null", Mode.S_IFCHR | 0666, Devices.make(1, 3)));
    ok(tree.mknod("fifo", Mode.S_IFIFO | 0600, 0));
    ok(tree.chown("file", 3_000_000, 5));
    Commands.run("setfacl", "-m", "u:1234:r", tree.string("file/inside")).succeed();
    ok(tree.chmod("", 0711));
    ok(tree.utimens("", 1_234_567_890, 0));
  }

  private void add(String name, byte[] tar) throws IOException {
    Path file = union.root().resolve(name);
    Files.write(file, tar);
    umoci("raw", "add-layer", "--image", layout + ":test", file.toString());
  }

  private static void umoci(String... arguments) {
    List<String> command = new ArrayList<>(List.of(arguments));
    command.add(0, "umoci");
    Commands.run(command.toArray(String[]::new)).succeed();
  }

  @Test
  void umoci() {
    Path rootfs = union.root().resolve("rootfs");
    umoci("raw", "unpack", "--image", layout + ":test", rootfs.toString());
    Snapshot.assertSame("umoci's tree", expected, AppliedLayer.snapshot(new Tree(rootfs)));
  }

  /** Compares all but what podman never unpacks: the root's attributes and times before 1970. */
  @Test
  void podman() throws IOException {
    // Podman reads the path as an image name, which must not contain capital letters.
    Path plain = Files.createSymbolicLink(run.resolve("layout"), Path.of(layout.toString()));
    String image = podman("pull", "-q", "oci:" + plain + ":test");
    assertFalse(image.isEmpty());
    String mount = podman("image", "mount", image);
    try {
      Map<String, String> tree = AppliedLayer.snapshot(new Tree(mount));
      tree.remove("");
      expected.remove("");
      expected.computeIfPresent(OLD, (path, line) -> line.replace("-2.250000001", "0.0"));
      Snapshot.assertSame("podman's tree", expected, tree);
    } finally {
      podman("image", "umount", image);
    }
  }

  private String podman(String... arguments) {
    List<String> command = new ArrayList<>(List.of("podman"));
    command.addAll(List.of("--root", union.root() + "/storage"));
    command.addAll(List.of("--runroot", run.toString(), "--storage-driver", "overlay"));
    command.addAll(List.of(arguments));
    return Commands.run(command.toArray(String[]::new)).succeed().out().trim();
  }
}
