package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.Platform;
import dev.lamina.sys.Devices;
import dev.lamina.sys.Mode;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Snapshot;
import dev.lamina.testing.Tree;
import dev.lamina.testing.Waiting;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tests the commands for images as a user runs them. */
@Tag("slow")
@Tag("one-jdk")
class ImageCommandsTest {
  private Sandbox sandbox;
  private Path point;
  private Tree merged;
  private Path store;

  @BeforeEach
  void makeBase() {
    sandbox = new Sandbox();
    store = sandbox.root().resolve("store");
    point = sandbox.directory("merged");
    merged = new Tree(point);
    Tree tree = new Tree(sandbox.directory("tree"));
    tree.directory("etc");
    tree.write("etc/file", "old");
    tree.write("etc/gone", "gone");
    tree.directory("opt/app");
    tree.write("opt/app/data", "data");
    ok(tree.chown("opt/app/data", 7, 8));
    succeed("import", tree.string(""), "base");
  }

  @AfterEach
  void cleanUp() {
    sandbox.close();
  }

  private Commands.Result lamina(String... arguments) {
    List<String> all = new ArrayList<>(List.of("--root", store.toString()));
    all.addAll(List.of(arguments));
    return Lamina.run(all.toArray(String[]::new));
  }

  private String succeed(String... arguments) {
    return lamina(arguments).succeed().out().strip();
  }

  private void refuse(int status, String message, String... arguments) {
    Commands.Result result = lamina(arguments);
    assertEquals(status, result.status(), result.err());
    assertEquals("lamina: " + message + "\n", result.err());
  }

  private void umount(String what) {
    succeed("umount", what);
    Waiting.until(
        "it is not served any more",
        () -> !succeed("mounts", "--format=json").contains("\"mounted\" : true"));
  }

  private void change() {
    ok(merged.chmod("opt/app/data", 0600));
    merged.append("etc/file", " new");
    ok(merged.unlink("etc/gone"));
    merged.move("opt/app", "opt/moved");
    merged.directory("opt/app");
    merged.write("opt/app/other", "other");
  }

  @Test
  void changesBecomeAnImage() {
    succeed("mount", "base", point.toString(), "--name=work");
    change();
    String diff = succeed("diff", "work");
    assertEquals(
        String.join(
            "\n",
            "C /etc",
            "C /etc/file",
            "D /etc/gone",
            "C /opt",
            "C /opt/app",
            "D /opt/app/data",
            "A /opt/app/other",
            "A /opt/moved",
            "A /opt/moved/data"),
        diff);
    succeed("commit", "-m", "a message", "-c", "ENV A=\"b c\"", point.toString(), "changed");
    Map<String, String> before = Snapshot.of(merged);
    refuse(1, "the mount work is in use: unmount it first", "rm", "work");
    umount("work");

    succeed("mount", "changed", point.toString(), "--read-only");
    Snapshot.assertSame("the image", before, Snapshot.of(merged));
    refuse(
        1, "the mount merged is read-only: it has no changes to commit", "commit", "merged", "x");
    umount(point.toString());

    succeed("mount", "base", point.toString(), "--name", "work");
    Snapshot.assertSame("the kept mount", before, Snapshot.of(merged));
    umount(point.toString());
    assertTrue(succeed("history", "changed").contains("a message"));
    assertTrue(succeed("inspect", "changed").contains("\"A=b c\""));
    assertEquals("work", succeed("rm", "work"));
    assertEquals("NAME  IMAGE  STATE  CREATED  DIRECTORY", succeed("mounts"));
  }

  @Test
  void mountsOfAnImageShareItsLayersAndNothingElse() {
    Path other = sandbox.directory("other");
    Path upper = sandbox.root().resolve("upper");
    succeed("mount", "base", point.toString());
    succeed("mount", "base", other.toString(), "--upper", upper.toString());
    new Tree(other).write("new", "new");
    assertFalse(merged.exists("new"));
    assertEquals("new", new Tree(upper).read("new"));
    assertEquals("A /new", succeed("diff", "other"));
    assertEquals("", succeed("diff", "merged"));
    String third = sandbox.directory("third").toString();
    refuse(1, "the mount merged is in use, on " + point, "mount", "base", third, "--name=merged");
    refuse(
        1,
        "a mount named merged already exists, whose changes are in "
            + store
            + "/mounts/merged/upper: choose another name",
        "mount",
        "base",
        third,
        "--read-only",
        "--name=merged");
    succeed("umount", other.toString());
    umount(point.toString());
  }

  @Test
  void savedImagesAreTheSameElsewhere() {
    succeed("mount", "base", point.toString());
    change();
    String id = succeed("commit", "merged", "changed");
    umount("merged");
    Path archive = sandbox.root().resolve("archive.tar");
    succeed("save", "-o", archive.toString(), "--format=oci-archive", "changed", "base");
    store = sandbox.root().resolve("second");
    assertEquals("changed:latest\nbase:latest", succeed("load", "-i", archive.toString()));
    assertEquals(id.replaceFirst("sha256:(.{12}).*", "$1"), succeed("images", "-q").split("\n")[0]);
    assertTrue(succeed("rmi", "changed", "base").startsWith("changed:latest\nsha256:"));
    assertEquals("removed 0 blobs and 0 unpacked layers, 0B", succeed("gc", "--min-age=0"));
    assertEquals("NAME  ID  CREATED  LAYERS  SIZE", succeed("images"));
    assertTrue(Files.exists(archive));
  }

  @Test
  void theSameChangesMakeTheSameImage() {
    String[] ids = new String[2];
    for (int i = 0; i < 2; i++) {
      succeed("mount", "base", point.toString(), "--name=work");
      change();
      for (String path :
          List.of("opt/app/other", "opt/app", "opt/moved", "opt", "etc/file", "etc")) {
        ok(merged.utimens(path, 1_600_000_000, 5));
      }
      ProcessBuilder builder =
          new ProcessBuilder(Lamina.program(), "--root=" + store, "commit", "work", "changed:" + i);
      builder.environment().put("SOURCE_DATE_EPOCH", "1700000000");
      ids[i] = Commands.run(Lamina.TIMEOUT, builder).succeed().out();
      umount("work");
      succeed("rm", "work");
    }
    assertEquals(ids[0], ids[1]);
    assertNotEquals("", ids[0]);
  }

  @Test
  void mistakesAreToldInOneLine() {
    refuse(1, "mount point /nowhere: no such file or directory", "mount", "base", "/nowhere");
    assertEquals("NAME  IMAGE  STATE  CREATED  DIRECTORY", succeed("mounts"));
    refuse(
        1,
        "there is no image none in the store; to fetch it from its registry: lamina pull"
            + " docker://none",
        "mount",
        "none",
        point.toString());
    refuse(
        2,
        "--name, --upper, --work and --read-only are for images: lamina mount IMAGE MOUNTPOINT",
        "mount",
        "--read-only",
        point.toString());
    refuse(
        2,
        "an image has its own layers: leave out lowerdir, upperdir and workdir (--upper DIR chooses"
            + " where changes go)",
        "mount",
        "-olowerdir=/x",
        "base",
        point.toString());
    assertEquals("NAME  IMAGE  STATE  CREATED  DIRECTORY", succeed("mounts"));
    refuse(
        2,
        "unknown compression: lzw (known: gzip, zstd, none)",
        "commit",
        "x",
        "y",
        "--compression=lzw");
  }

  @Test
  void mountIsGivenUpByCtrlCWhileTheImageComes() throws Exception {
    Path fifo = sandbox.root().resolve("fifo");
    Commands.run("mkfifo", fifo.toString()).succeed();
    Process process =
        new ProcessBuilder(
                Lamina.program(), "--root=" + store, "mount", "oci-archive:" + fifo, "" + point)
            .redirectErrorStream(true)
            .start();
    try {
      // Opening the fifo waits until the daemon opens it, too. It then reads until it is ended.
      try (OutputStream out = Files.newOutputStream(fifo)) {
        out.write(new byte[512]);
        Commands.run("kill", "-INT", "" + process.pid()).succeed();
        Waiting.untilEnd("the mount", process);
      } catch (IOException e) {
        // The reader has closed the pipe.
        Waiting.untilEnd("the mount", process);
      }
      assertEquals(130, process.exitValue());
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    assertEquals(List.of(), Sandbox.mountsBelow(point));
    assertEquals(
        List.of(),
        ProcessHandle.allProcesses()
            .filter(other -> other.info().commandLine().orElse("").contains("archive:" + fifo))
            .toList());
  }

  @Test
  void whatCannotBePrintedIsAFailure() {
    for (String command : List.of("images", "images --format=json")) {
      Commands.Result result =
          Commands.run(
              "sh", "-c", Lamina.program() + " --root=" + store + " " + command + " >/dev/full");
      assertEquals("lamina: cannot write to standard output\n", result.err());
      assertEquals(1, result.status());
    }
  }

  @Test
  void badNameIsRefusedBeforeTheWork() throws IOException {
    succeed("mount", "base", point.toString());
    change();
    long blobs = blobs();
    String message =
        "not a name for an image: a b (a name has 1 to 512 printable ASCII characters, no spaces,"
            + " and no @ at the beginning)";
    refuse(1, message, "commit", point.toString(), "a b");
    refuse(1, message, "import", merged.string(""), "a b");
    assertEquals(blobs, blobs());
    umount(point.toString());
  }

  private long blobs() throws IOException {
    try (Stream<Path> blobs = Files.list(store.resolve("images/blobs/sha256"))) {
      return blobs.count();
    }
  }

  @Test
  void platformIsThatOfTheImage() {
    succeed("import", "--platform=linux/s390x", sandbox.root().resolve("tree").toString(), "ibm");
    refuse(
        1,
        "the image base in the store is for "
            + Platform.host()
            + "; to fetch the other one from its registry: lamina pull --platform linux/s390x"
            + " docker://base",
        "mount",
        "--platform=linux/s390x",
        "base",
        point.toString());
    succeed("mount", "--platform=linux/s390x", "ibm", point.toString());
    umount(point.toString());
    succeed("mount", "--name=any", "ibm", point.toString());
    umount("any");
  }

  @Test
  void whatALayerMayDoCanBeLimited() {
    Tree tree = new Tree(sandbox.root().resolve("tree"));
    ok(tree.mknod("device", Mode.S_IFCHR | 0600, Devices.make(1, 3)));
    String archive = sandbox.root().resolve("image.tar").toString();
    succeed("import", tree.string(""), "devices");
    succeed("save", "--output", archive, "devices");
    Path other = sandbox.root().resolve("other");
    for (List<String> command :
        List.of(List.of("pull"), List.of("load", "--input"), List.of("mount", "--name=m"))) {
      for (String limit : List.of("--no-devices", "--max-layer-size=1k")) {
        List<String> all = new ArrayList<>(List.of("--root=" + other));
        all.addAll(command);
        all.add(archive);
        all.add(1 + all.indexOf(command.get(0)), limit);
        if (command.get(0).equals("mount")) {
          all.add(point.toString());
        }
        Commands.Result result = Lamina.run(all.toArray(String[]::new));
        String expected =
            limit.equals("--no-devices")
                ? "device: device nodes are not allowed (--no-devices)"
                : "it is larger than 1024 bytes uncompressed, which is the limit";
        assertTrue(result.err().contains(expected), result.err());
        assertEquals(1, result.status());
      }
    }
    refuse(
        2,
        "--max-layer-size must be a number of bytes, or have a unit as in 500m or 20g",
        "pull",
        "--max-layer-size=large",
        archive);
    assertEquals(List.of(), Sandbox.mountsBelow(point));
  }

  @Test
  void workDirectoryIsBesideTheUpperHoweverThatIsWritten() throws IOException {
    Path upper = sandbox.directory("upper");
    Files.createSymbolicLink(sandbox.root().resolve("link"), upper);
    for (String written : List.of(upper + "/", upper + "/.", sandbox.root() + "/link")) {
      succeed("mount", "--upper", written, "base", point.toString());
      assertEquals("old", merged.read("etc/file"));
      umount(point.toString());
      succeed("rm", point.toString());
      assertTrue(Files.isDirectory(Path.of(upper + ".work")));
    }
  }

  @Test
  void mountOfAFileTakesNoName() {
    String archive = sandbox.root().resolve("old.tar").toString();
    String old = succeed("inspect", "base");
    succeed("save", "--output", archive, "base");
    succeed("mount", "--name=m", "base", point.toString());
    change();
    succeed("commit", "m", "base");
    umount("m");
    String now = succeed("inspect", "base");
    assertNotEquals(old, now);
    succeed("rmi", "base");
    succeed("mount", archive, point.toString());
    assertEquals("old", merged.read("etc/file"));
    umount(point.toString());
    succeed("rm", point.toString());
    assertTrue(succeed("images").contains("base:latest"), "nobody else was called so");
    succeed("mount", "--name=n", "base", point.toString());
    change();
    succeed("commit", "n", "base");
    umount("n");
    String again = succeed("inspect", "base");
    succeed("mount", archive, point.toString());
    assertEquals("old", merged.read("etc/file"));
    umount(point.toString());
    assertEquals(again, succeed("inspect", "base"));
  }
}
