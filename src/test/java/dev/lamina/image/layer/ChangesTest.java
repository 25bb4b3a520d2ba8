package dev.lamina.image.layer;

import static dev.lamina.testing.Tree.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.layer.LayerStack;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Tree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ChangesTest {
  private final Sandbox sandbox = new Sandbox();
  private final Tree upper = new Tree(sandbox.directory("upper"));
  private final Tree middle = new Tree(sandbox.directory("middle"));
  private final Tree lower = new Tree(sandbox.directory("lower"));

  @AfterEach
  void close() {
    sandbox.close();
  }

  private static List<Path> stack(Tree... trees) {
    return List.of(trees).stream().map(tree -> Path.of(tree.string(""))).toList();
  }

  /** Makes what a test does the only changes. */
  private void sameTimes(String path, Tree... trees) {
    for (Tree tree : trees) {
      ok(tree.utimens(path, 1000, 1));
    }
  }

  @Test
  void upperOverItsLayers() {
    lower.write("d/changed", "old");
    lower.write("d/gone/deep", "x");
    lower.write("d/same", "x");
    middle.write("replaced", "x");
    lower.write("replaced/hidden", "x");
    upper.write("d/changed", "new contents");
    upper.whiteout("d/gone");
    upper.whiteout("d/never");
    upper.write("d/same", "x");
    sameTimes("d/same", upper, lower);
    upper.write("new/sub/file", "x");
    upper.whiteout("replaced");
    sameTimes("d", upper, lower);
    sameTimes("", upper, middle, lower);
    List<String> expected =
        List.of(
            "C d", "C d/changed", "D d/gone", "A new", "A new/sub", "A new/sub/file", "D replaced");
    assertEquals(expected, Stacks.changes(stack(upper, middle, lower)));
  }

  @Test
  void replacedDirectoryIsComparedNameByName() {
    lower.write("d/old", "x");
    lower.write("d/same", "x");
    lower.write("d/sub/old", "x");
    upper.write("d/new", "x");
    upper.write("d/same", "x");
    upper.write("d/sub", "a file now");
    ok(upper.setxattr("d", "trusted.overlay.opaque", "y"));
    sameTimes("d", upper, lower);
    sameTimes("d/same", upper, lower);
    sameTimes("", upper, lower);
    assertEquals(
        List.of("C d", "A d/new", "D d/old", "C d/sub"), Stacks.changes(stack(upper, lower)));
  }

  @Test
  void upperOfNothingIsAllNew() {
    upper.write("d/file", "x");
    assertEquals(List.of("A ", "A d", "A d/file"), Stacks.changes(stack(upper)));
  }

  @Test
  void rootCountsWithTheEmptyPath() {
    sameTimes("", upper, lower);
    assertEquals(List.of(), Stacks.changes(stack(upper, lower)));
    ok(upper.chmod("", 0711));
    assertEquals(List.of("C "), Stacks.changes(stack(upper, lower)));
  }

  @Test
  void imagesThatShareLayers() throws IOException {
    lower.write("shared/file", "x");
    lower.write("gone", "x");
    lower.write("d/a", "x");
    lower.write("d/b", "x");
    middle.write("d/a", "in one image");
    middle.write("only-one", "x");
    upper.whiteout("gone");
    upper.write("d/c", "x");
    sameTimes("d", upper, middle, lower);
    sameTimes("", upper, middle, lower);
    List<String> expected = List.of("C d", "C d/a", "A d/c", "D gone", "D only-one");
    assertEquals(expected, between(stack(upper, lower), stack(middle, lower)));
    expected = List.of("C d", "C d/a", "D d/c", "A gone", "A only-one");
    assertEquals(expected, between(stack(middle, lower), stack(upper, lower)));
    assertEquals(List.of(), between(stack(middle, lower), stack(middle, lower)));
  }

  private static List<String> between(List<Path> newer, List<Path> older) throws IOException {
    List<String> lines = new ArrayList<>();
    try (LayerStack one = Stacks.open(newer);
        LayerStack other = Stacks.open(older)) {
      Changes.between(one, other, change -> lines.add(Stacks.line(change)));
    }
    return lines;
  }
}
