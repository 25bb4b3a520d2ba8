package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;
import static dev.lamina.testing.Tree.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.testing.Tree;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** rename in every combination of what is moved and what is in its way. */
class RenameTest extends SharedMountTest {
  enum Source {
    LOWER_FILE,
    UPPER_FILE,
    CHANGED_FILE,
    LOWER_SYMLINK,
    LOWER_DIRECTORY,
    MERGED_DIRECTORY,
    UPPER_DIRECTORY;

    boolean isDirectory() {
      return name().endsWith("DIRECTORY");
    }
  }

  enum Target {
    NOTHING,
    WHITEOUT,
    LOWER_FILE,
    UPPER_FILE,
    EMPTY_LOWER_DIRECTORY,
    EMPTIED_LOWER_DIRECTORY,
    FULL_LOWER_DIRECTORY,
    EMPTY_UPPER_DIRECTORY,
    FULL_UPPER_DIRECTORY;

    boolean isDirectory() {
      return name().endsWith("DIRECTORY");
    }
  }

  static Stream<Arguments> combinations() {
    return Stream.of(Source.values())
        .flatMap(
            source ->
                Stream.of(Target.values())
                    .flatMap(
                        target ->
                            Stream.of("same", "other")
                                .map(place -> Arguments.of(source, target, place))));
  }

  private static String directory(Object source, Object target, Object place) {
    return (source + "-" + target + "-" + place).toLowerCase();
  }

  @Override
  void fill(Union layers) {
    Tree lower = layers.lower();
    combinations()
        .map(Arguments::get)
        .forEach(
            c -> {
              String directory = directory(c[0], c[1], c[2]);
              fillSource(lower.directory(directory), (Source) c[0]);
              Tree place = lower.directory(c[2].equals("same") ? directory : directory + "/sub");
              fillTarget(place, (Target) c[1]);
            });
    lower.write("into-itself/d/sub/x", "old");
    lower.write("hard-links/a", "old");
    lower.write("again/d/x", "old");
    lower.write("whiteouts/d/x", "old");
    lower.write("whiteouts/d/y", "old");
    lower.write("twice/d/sub/x", "old");
    lower.write("flags/a", "a");
    lower.write("flags/b", "b");
    lower.write("flags/d/x", "x");
    lower.write("parents/a/d/x", "x");
    lower.directory("parents/b");
    lower.write("chain/a", "one");
    lower.write("chain/b", "two");
    lower.write("opaque/d/old", "old");
    lower.write("opaque/e/old", "old");
  }

  private static void fillSource(Tree lower, Source source) {
    switch (source) {
      case LOWER_FILE -> lower.write("from", "moved");
      case CHANGED_FILE -> lower.write("from", "mov");
      case LOWER_SYMLINK -> ok(lower.symlink("moved", "from"));
      case LOWER_DIRECTORY, MERGED_DIRECTORY -> {
        lower.write("from/deep/lower", "moved");
        lower.write("from/gone", "gone");
      }
      default -> {}
    }
  }

  private static void fillTarget(Tree lower, Target target) {
    switch (target) {
      case WHITEOUT, LOWER_FILE -> lower.write("to", "in the way");
      case EMPTY_LOWER_DIRECTORY -> lower.directory("to");
      case EMPTIED_LOWER_DIRECTORY, FULL_LOWER_DIRECTORY -> lower.write("to/old", "in the way");
      default -> {}
    }
  }

  private static void prepareSource(Tree place, Source source) {
    switch (source) {
      case UPPER_FILE -> place.write("from", "moved");
      case CHANGED_FILE -> place.append("from", "ed");
      case MERGED_DIRECTORY -> {
        place.write("from/upper", "moved");
        ok(place.unlink("from/gone"));
      }
      case UPPER_DIRECTORY -> place.write("from/deep/lower", "moved");
      default -> {}
    }
  }

  private static void prepareTarget(Tree place, Target target) {
    switch (target) {
      case WHITEOUT -> ok(place.unlink("to"));
      case UPPER_FILE -> place.write("to", "in the way");
      case EMPTIED_LOWER_DIRECTORY -> ok(place.unlink("to/old"));
      case EMPTY_UPPER_DIRECTORY -> place.directory("to");
      case FULL_UPPER_DIRECTORY -> place.write("to/old", "in the way");
      default -> {}
    }
  }

  /** The errno, 0 for success. */
  private int expected(Source source, Target target) {
    boolean hasLower = source == Source.LOWER_DIRECTORY || source == Source.MERGED_DIRECTORY;
    boolean ontoFile = target == Target.LOWER_FILE || target == Target.UPPER_FILE;
    if (hasLower && !ontoFile && !mounter.renamesLowerDirectories()) {
      return Errno.EXDEV;
    }
    if (target == Target.NOTHING || target == Target.WHITEOUT) {
      return 0;
    }
    if (!source.isDirectory()) {
      return target.isDirectory() ? Errno.EISDIR : 0;
    }
    if (!target.isDirectory()) {
      return Errno.ENOTDIR;
    }
    return target.name().startsWith("FULL") ? Errno.ENOTEMPTY : 0;
  }

  @ParameterizedTest
  @MethodSource("combinations")
  void rename(Source source, Target target, String place) {
    Tree from = merged.at(directory(source, target, place));
    String sub = place.equals("same") ? "" : "sub/";
    prepareSource(from, source);
    prepareTarget(place.equals("same") ? from : from.at("sub"), target);
    long ino = from.stat("from").ino;

    int expected = expected(source, target);
    assertEquals(-expected, from.rename("from", sub + "to"));
    if (expected != 0) {
      assertSource(from, "from", source);
      boolean wasThere = target != Target.NOTHING && target != Target.WHITEOUT;
      assertEquals(wasThere, from.exists(sub + "to"));
      return;
    }
    refused(Errno.ENOENT, from.lstat("from"));
    assertFalse(from.list("").contains("from"));
    assertSource(from, sub + "to", source);
    assertEquals(ino, from.stat(sub + "to").ino);

    ok(from.mkdir("from", 0755));
    assertEquals(List.of(), from.list("from"), "nothing old comes back");
    refused(Errno.ENOENT, from.lstat("from/deep"));
    assertSource(from, sub + "to", source);
  }

  private static void assertSource(Tree tree, String name, Source source) {
    switch (source) {
      case LOWER_FILE, UPPER_FILE, CHANGED_FILE -> assertEquals("moved", tree.read(name));
      case LOWER_SYMLINK -> assertEquals("moved", tree.readlink(name));
      case LOWER_DIRECTORY -> {
        assertEquals(List.of("deep", "gone"), tree.list(name));
        assertEquals("moved", tree.read(name + "/deep/lower"));
      }
      case MERGED_DIRECTORY -> {
        assertEquals(List.of("deep", "upper"), tree.list(name));
        assertEquals("moved", tree.read(name + "/deep/lower"));
        assertEquals("moved", tree.read(name + "/upper"));
        refused(Errno.ENOENT, tree.lstat(name + "/gone"));
      }
      case UPPER_DIRECTORY -> assertEquals("moved", tree.read(name + "/deep/lower"));
    }
  }

  @Test
  void directoryCannotMoveIntoItself() {
    refused(Errno.EINVAL, merged.rename("into-itself/d", "into-itself/d/sub/d"));
    refused(Errno.ENOTEMPTY, merged.rename("into-itself/d/sub", "into-itself/d"));
    assertEquals("old", merged.read("into-itself/d/sub/x"));
  }

  @Test
  void missingSourceIsNotFound() {
    refused(Errno.ENOENT, merged.rename("hard-links/none", "hard-links/new"));
    refused(Errno.ENOENT, merged.rename("hard-links/a", "hard-links/none/new"));
  }

  /** rename(2): two names of one file stay, and the call succeeds. */
  @Test
  void renameOntoAnotherNameOfTheSameFileDoesNothing() {
    ok(merged.link("hard-links/a", "hard-links/b"));
    ok(merged.rename("hard-links/a", "hard-links/b"));
    assertEquals(List.of("a", "b"), merged.list("hard-links"));
    ok(merged.rename("hard-links/a", "hard-links/a"));
    assertEquals("old", merged.read("hard-links/a"));
  }

  @Test
  void renamedDirectoryCanBeChangedAndRenamedAgain() {
    merged.move("twice/d", "twice/e");
    merged.append("twice/e/sub/x", "!");
    merged.move("twice/e/sub", "twice/sub");
    merged.move("twice/e", "twice/f");
    assertEquals("old!", merged.read("twice/sub/x"));
    assertEquals(List.of(), merged.list("twice/f"));
    assertEquals(List.of("f", "sub"), merged.list("twice"));
    ok(merged.rmdir("twice/f"));
  }

  @Test
  void renamedBackDirectoryIsWhole() {
    merged.move("again/d", "again/e");
    merged.move("again/e", "again/d");
    assertEquals("old", merged.read("again/d/x"));
    assertEquals(List.of("d"), merged.list("again"));
  }

  @Test
  void whiteoutsInAMovedDirectoryStillHide() {
    ok(merged.unlink("whiteouts/d/x"));
    merged.move("whiteouts/d", "whiteouts/e");
    assertEquals(List.of("y"), merged.list("whiteouts/e"));
    refused(Errno.ENOENT, merged.lstat("whiteouts/e/x"));
  }

  @Test
  void remadeDirectoryMovesWithoutTheOldContents() {
    ok(merged.unlink("opaque/d/old"));
    ok(merged.rmdir("opaque/d"));
    ok(merged.mkdir("opaque/d", 0755));
    merged.write("opaque/d/new", "new");
    ok(merged.unlink("opaque/e/old"));
    ok(merged.rename("opaque/d", "opaque/e"));
    assertEquals(List.of("e"), merged.list("opaque"));
    assertEquals(List.of("new"), merged.list("opaque/e"));
    refused(Errno.ENOENT, merged.lstat("opaque/e/old"));
  }

  @Test
  void parentOfMovedDirectoryIsTheNewParent() {
    merged.move("parents/a/d", "parents/b/d");
    long parent =
        merged.getdents("parents/b/d").entries().stream()
            .filter(entry -> entry.name().equals(".."))
            .findAny()
            .orElseThrow()
            .ino();
    assertEquals(merged.stat("parents/b").ino, parent);
    assertEquals(merged.stat("parents/b").ino, merged.stat("parents/b/d/..").ino);
  }

  @Test
  void chainOfRenames() {
    ok(merged.rename("chain/a", "chain/c"));
    ok(merged.rename("chain/b", "chain/a"));
    ok(merged.rename("chain/c", "chain/b"));
    assertEquals("two", merged.read("chain/a"));
    assertEquals("one", merged.read("chain/b"));
    assertEquals(List.of("a", "b"), merged.list("chain"));
  }

  @Test
  void renameFlags() {
    assumeTrue(mounter.capabilities().renameFlags(), "the transport has no rename flags");
    refused(Errno.EEXIST, merged.rename("flags/a", "flags/b", Linux.RENAME_NOREPLACE));
    ok(merged.rename("flags/a", "flags/c", Linux.RENAME_NOREPLACE));
    ok(merged.rename("flags/c", "flags/a", Linux.RENAME_NOREPLACE));
    ok(merged.rename("flags/a", "flags/b", Linux.RENAME_EXCHANGE));
    assertEquals("b", merged.read("flags/a"));
    assertEquals("a", merged.read("flags/b"));
    ok(merged.mkdir("flags/e", 0755));
    merged.write("flags/e/x", "x");
    ok(merged.rename("flags/a", "flags/e", Linux.RENAME_EXCHANGE));
    assertEquals("x", merged.read("flags/a/x"));
    assertEquals("b", merged.read("flags/e"));
    int ofLowerDirectory = merged.rename("flags/e", "flags/d", Linux.RENAME_EXCHANGE);
    if (mounter.renamesLowerDirectories()) {
      ok(ofLowerDirectory);
      assertEquals("x", merged.read("flags/e/x"));
    } else {
      refused(Errno.EXDEV, ofLowerDirectory);
    }
    refused(Errno.ENOENT, merged.rename("flags/a", "flags/none", Linux.RENAME_EXCHANGE));
    assertEquals(Mode.S_IFDIR, merged.stat("flags/a").type());
  }
}
