package dev.lamina.image.layer;

import static dev.lamina.testing.Tree.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.ImageException;
import dev.lamina.layer.LayerStack;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Snapshot;
import dev.lamina.testing.Tree;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Layers of uppers that are made by hand, with marks in all forms, and of uppers that change while
 * they are read.
 */
@Tag("one-jdk")
class UpperFormsTest {
  private final Sandbox sandbox = new Sandbox();
  private final Tree upper = new Tree(sandbox.directory("upper"));
  private final Tree lower = new Tree(sandbox.directory("lower"));
  private final List<Path> stack = List.of(Path.of(upper.string("")), Path.of(lower.string("")));

  @AfterEach
  void close() {
    sandbox.close();
  }

  @BeforeEach
  void sameTimes() {
    sameTimes("");
  }

  private void sameTimes(String path) {
    ok(upper.utimens(path, 1000, 1));
    ok(lower.utimens(path, 1000, 1));
  }

  private List<String> names() {
    sameTimes("");
    return AppliedLayer.names(Stacks.diff(stack), sandbox.root());
  }

  private Tree unpacked(byte[] tar) {
    Path target = sandbox.directory("unpacked");
    AppliedLayer.unpack(tar, target, stack.get(1));
    return new Tree(target);
  }

  @Test
  void whiteoutsInAllForms() {
    for (String name : List.of("device", "prefix", "trusted", "user", "not")) {
      lower.write("d/" + name, "x");
    }
    upper.whiteout("d/device");
    upper.write("d/.wh.prefix", "");
    upper.write("d/trusted", "");
    ok(upper.setxattr("d/trusted", "trusted.overlay.whiteout", ""));
    upper.write("d/user", "");
    ok(upper.setxattr("d/user", "user.overlay.whiteout", ""));
    upper.write("d/not", "");
    ok(upper.setxattr("d", "trusted.overlay.opaque", "x"));
    sameTimes("d");
    assertEquals(
        List.of("d/", "d/.wh.device", "d/.wh.prefix", "d/.wh.trusted", "d/.wh.user", "d/not"),
        names());
  }

  @Test
  void opaqueDirectoriesInAllForms() {
    for (String name : List.of("a", "b", "c", "d", "e", "f")) {
      lower.write(name + "/old", "x");
      upper.directory(name);
    }
    ok(upper.setxattr("a", "trusted.overlay.opaque", "y"));
    ok(upper.setxattr("b", "user.overlay.opaque", "y"));
    ok(upper.setxattr("c", "user.fuseoverlayfs.opaque", "y"));
    upper.write("d/.wh..wh..opq", "");
    // The mark beside the object hides what is below as well.
    upper.write(".wh.e", "");
    sameTimes("f");
    String opaque = "/.wh..wh..opq";
    List<String> expected = new ArrayList<>();
    for (String name : List.of("a", "b", "c", "d", "e")) {
      expected.addAll(List.of(name + "/", name + opaque));
    }
    assertEquals(expected, names());
  }

  @Test
  void opaqueWithoutAnythingBelowIsNone() {
    upper.write("new/file", "x");
    ok(upper.setxattr("new", "trusted.overlay.opaque", "y"));
    lower.write("file-below", "x");
    upper.directory("file-below");
    ok(upper.setxattr("file-below", "trusted.overlay.opaque", "y"));
    assertEquals(List.of("file-below/", "new/", "new/file"), names());
  }

  @Test
  void opaqueRootHidesAllLayers() {
    lower.write("old", "x");
    upper.write("new", "x");
    ok(upper.setxattr("", "trusted.overlay.opaque", "y"));
    assertEquals(List.of("./", ".wh..wh..opq", "new"), names());
  }

  @Test
  void marksAreNotWrittenAndEscapedOnesAreVisible() throws IOException {
    upper.write("file", "x");
    for (String mark :
        List.of(
            "trusted.overlay.origin",
            "trusted.overlay.lamina.ino",
            "user.overlay.impure",
            "user.fuseoverlayfs.origin",
            "security.selinux")) {
      ok(upper.setxattr("file", mark, "secret"));
    }
    ok(upper.setxattr("file", "trusted.overlay.overlay.opaque", "escaped"));
    ok(upper.setxattr("file", "trusted.own", "own"));
    Tree unpacked = unpacked(Stacks.diff(stack));
    assertEquals(
        Map.of("trusted.overlay.opaque", "escaped", "trusted.own", "own"), unpacked.xattrs("file"));
  }

  /** Layers are not trusted: nothing outside of them is read or written through them. */
  @Test
  void metacopyWithoutDataIsAnErrorThatNamesIt() {
    upper.write("d/file\u001b[31m", "x");
    ok(upper.setxattr("d/file\u001b[31m", "trusted.overlay.metacopy", ""));
    UncheckedFailure failure = new UncheckedFailure(stack);
    assertEquals("cannot read /d/file?[31m: input/output error", failure.message());
  }

  private record UncheckedFailure(List<Path> stack) {
    String message() {
      try (LayerStack layers = Stacks.open(stack)) {
        return assertThrows(
                ImageException.class,
                () ->
                    new LayerDiff(layers, new TarOptions(Stacks::fail))
                        .writeTo(OutputStream.nullOutputStream()))
            .getMessage();
      }
    }
  }

  /** Runs an action when the first bytes are written. */
  private byte[] diffWhile(Runnable change, List<String> warnings) throws IOException {
    ByteArrayOutputStream out =
        new ByteArrayOutputStream() {
          private boolean isDone;

          @Override
          public synchronized void write(byte[] buffer, int offset, int length) {
            if (!isDone) {
              isDone = true;
              change.run();
            }
            super.write(buffer, offset, length);
          }
        };
    try (LayerStack layers = Stacks.open(stack)) {
      new LayerDiff(layers, new TarOptions(warnings::add)).writeTo(out);
    }
    return out.toByteArray();
  }

  @Test
  void fileThatShrinksWhileItIsReadIsFilledUp() throws IOException {
    upper.write("a", "x".repeat(1 << 20));
    upper.write("b", "after it");
    List<String> warnings = new ArrayList<>();
    byte[] tar = diffWhile(() -> ok(upper.truncate("a", 10)), warnings);
    assertEquals(List.of("/a was changed while it was read"), warnings);
    Tree unpacked = unpacked(tar);
    assertEquals(1 << 20, unpacked.stat("a").size);
    assertTrue(unpacked.read("a").endsWith("\0".repeat(1000)));
    assertEquals("after it", unpacked.read("b"));
  }

  @Test
  void fileThatGrowsWhileItIsReadIsCutOff() throws IOException {
    upper.write("a", "x".repeat(1 << 20));
    upper.write("b", "after it");
    List<String> warnings = new ArrayList<>();
    byte[] tar = diffWhile(() -> upper.append("a", "more"), warnings);
    assertEquals(List.of("/a was changed while it was read"), warnings);
    Tree unpacked = unpacked(tar);
    assertEquals("x".repeat(1 << 20), unpacked.read("a"));
    assertEquals("after it", unpacked.read("b"));
  }

  @Test
  void fileThatIsReplacedWhileItIsReadIsWhatItWas() throws IOException {
    upper.write("a", "x".repeat(1 << 20));
    upper.write("b", "y".repeat(1 << 20));
    upper.write("z", "z".repeat(1 << 20));
    List<String> warnings = new ArrayList<>();
    byte[] tar = diffWhile(() -> ok(upper.rename("z", "a")), warnings);
    Tree unpacked = unpacked(tar);
    assertEquals("x".repeat(1 << 20), unpacked.read("a"), "what was opened");
    assertEquals("y".repeat(1 << 20), unpacked.read("b"));
    assertEquals(List.of(), warnings, "the file itself was not changed");
    assertTrue(!unpacked.exists("z"));
  }

  @Test
  void whatIsGoneIsLeftOut() throws IOException {
    upper.write("a", "x".repeat(1 << 20));
    upper.write("b", "gone");
    upper.write("c/file", "gone with its directory");
    upper.write("d", "stays");
    Runnable removal = () -> Commands.run("rm", "-r", upper.string("b"), upper.string("c"));
    List<String> warnings = new ArrayList<>();
    byte[] tar = diffWhile(removal, warnings);
    assertEquals(List.of("a", "d"), AppliedLayer.names(tar, sandbox.root()).subList(1, 3));
    assertEquals(List.of(), warnings);
  }

  @Test
  void holesStayZerosAndDataStays() {
    int fd = ok(upper.open("sparse", OpenFlags.O_WRONLY | OpenFlags.O_CREAT, 0644));
    Tree.pwrite(fd, "start", 0);
    Tree.pwrite(fd, "middle", 1_000_001);
    ok(Linux.ftruncate(fd, 3_000_000));
    Linux.close(fd);
    assertTrue(upper.stat("sparse").blocks < 100, "has holes");
    Tree unpacked = unpacked(Stacks.diff(stack));
    assertEquals(upper.read("sparse"), unpacked.read("sparse"));
    // The same file below counts as the same, and one with another byte in a hole does not.
    Commands.run("cp", "-a", "--sparse=never", upper.string("sparse"), lower.string("sparse"));
    assertEquals(List.of(), names());
    fd = ok(lower.open("sparse", OpenFlags.O_WRONLY));
    Tree.pwrite(fd, "!", 2_999_999);
    Linux.close(fd);
    Commands.run("touch", "-r", upper.string("sparse"), lower.string("sparse")).succeed();
    assertEquals(List.of("sparse"), names());
  }

  /**
   * The tree is deeper than the stack and the number of descriptors would allow. It is made through
   * descriptors, since no path can be as long.
   */
  @Test
  void deepTrees() throws IOException {
    int depth = 2000;
    makeDeep(depth);
    try (LayerStack layers = Stacks.open(stack)) {
      long entries =
          new LayerDiff(layers, new TarOptions(Stacks::fail))
              .writeTo(OutputStream.nullOutputStream());
      assertEquals(depth + 1, entries);
    }
  }

  private void makeDeep(int depth) {
    byte[] name = Tree.bytes("d");
    int fd = ok(upper.open("", OpenFlags.O_PATH | OpenFlags.O_DIRECTORY));
    for (int i = 0; i < depth; i++) {
      ok(Linux.mkdirat(fd, name, 0755));
      int next = ok(Linux.openat(fd, name, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY, 0));
      Linux.close(fd);
      fd = next;
    }
    Linux.close(fd);
  }

  @Test
  void wholeTreeWithoutWhiteouts() throws IOException {
    lower.write("d/a", "x");
    lower.write("d/gone", "x");
    lower.write("opaque/gone", "x");
    lower.write("z", "x");
    ok(lower.link("z", "link"));
    upper.write("d/b", "x");
    upper.whiteout("d/gone");
    upper.write("opaque/new", "x");
    ok(upper.setxattr("opaque", "trusted.overlay.opaque", "y"));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (LayerStack layers = Stacks.open(stack)) {
      new TreeTar(layers, new TarOptions(Stacks::fail)).writeTo(out);
    }
    List<String> expected = List.of("./", "d/", "d/a", "d/b", "link", "opaque/", "opaque/new", "z");
    assertEquals(expected, AppliedLayer.names(out.toByteArray(), sandbox.root()));
    Tree unpacked = unpacked(out.toByteArray());
    assertEquals(unpacked.stat("link").ino, unpacked.stat("z").ino);
    // The archive of the unpacked tree is the same.
    Path copy = Path.of(unpacked.string(""));
    Files.deleteIfExists(copy.resolveSibling("unpacked.tar"));
    try (LayerStack layers = Stacks.open(List.of(copy))) {
      ByteArrayOutputStream again = new ByteArrayOutputStream();
      new TreeTar(layers, new TarOptions(Stacks::fail)).writeTo(again);
      assertEquals(Stacks.text(out.toByteArray()), Stacks.text(again.toByteArray()));
    }
    assertTrue(Snapshot.of(unpacked).size() == expected.size());
  }
}
