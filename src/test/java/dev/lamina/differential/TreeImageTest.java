package dev.lamina.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.lamina.sys.Devices;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Xattrs;
import dev.lamina.testing.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A difference planted in one of two equal trees is found, and called by its name. */
class TreeImageTest {
  private final FileFacts reader = new FileFacts();
  private Sandbox sandbox;
  private Path expected;
  private Path actual;

  @BeforeEach
  void buildTwoEqualTrees() {
    sandbox = new Sandbox();
    expected = sandbox.directory("expected");
    actual = sandbox.directory("actual");
    build(expected);
    build(actual);
  }

  @AfterEach
  void remove() {
    sandbox.close();
  }

  private static void build(Path directory) {
    Times times = new Times(1_000_000_000, 5, 1_000_000_001, 6);
    LayerEntry.Attributes plain = new LayerEntry.Attributes(0640, 1, 2, times, Map.of());
    LayerEntry.Attributes marked =
        new LayerEntry.Attributes(0700, 0, 0, times, Map.of("user.x", "value"));
    Location d = Location.of("d");
    Location f = d.child("f");
    LayerBuilder.build(
        directory,
        List.of(
            new LayerEntry(d, new LayerEntry.Directory(true), marked),
            new LayerEntry(
                f, new LayerEntry.Data(5000, List.of(new LayerEntry.Piece(0, 100, 1))), plain),
            new LayerEntry(d.child("hard"), new LayerEntry.HardLink(f), null),
            new LayerEntry(d.child("soft"), new LayerEntry.SymbolicLink("f"), plain),
            new LayerEntry(d.child("fifo"), new LayerEntry.Special(Mode.S_IFIFO, 0), plain),
            new LayerEntry(
                d.child("device"), new LayerEntry.Special(Mode.S_IFCHR, Devices.make(1, 3)), plain),
            new LayerEntry(d.child("gone"), new LayerEntry.Whiteout(), null)));
  }

  private Difference compare() {
    return new Comparison(Abilities.ALL).compareTrees("tree", view(expected), view(actual));
  }

  private TreeImage view(Path path) {
    int fd = MountedSide.openDirectory(path, OpenFlags.O_RDONLY);
    try {
      return TreeImage.ofView(fd, reader);
    } finally {
      Linux.close(fd);
    }
  }

  private TreeImage upper(Path path) {
    int fd = MountedSide.openDirectory(path, OpenFlags.O_RDONLY);
    try {
      return UpperImage.of(fd, reader);
    } finally {
      Linux.close(fd);
    }
  }

  /** Makes a change in the actual tree and gives its directory the times it had. */
  private void plant(World.NamedCall change) {
    int fd = MountedSide.openDirectory(actual.resolve("d"), OpenFlags.O_RDONLY);
    long result = change.on(fd, Names.bytes("f"));
    new Times(1_000_000_000, 5, 1_000_000_001, 6).set(fd, Names.bytes("."));
    Linux.close(fd);
    assertEquals(0, Math.min(result, 0));
  }

  private void assertFound(String place, String fact) {
    Difference difference = compare();
    assertNotNull(difference);
    assertEquals("tree: " + place + " " + fact, difference.place() + " " + difference.fact());
  }

  @Test
  void equalTreesAreEqual() {
    assertNull(compare());
    assertNull(new Comparison(Abilities.ALL).compareTrees("upper", upper(expected), upper(actual)));
  }

  @Test
  void modeIsCompared() {
    plant((dir, name) -> Linux.fchmodat(dir, name, 0641));
    assertFound("d/f", "mode");
  }

  @Test
  void ownerIsCompared() {
    plant((dir, name) -> Linux.fchownat(dir, name, -1, 3));
    assertFound("d/f", "owner");
  }

  @Test
  void timesAreComparedToTheNanosecond() {
    plant((dir, name) -> new Times(1_000_000_000, 5, 1_000_000_001, 7).set(dir, name));
    assertFound("d/f", "mtime");
  }

  @Test
  void dataIsCompared() throws Exception {
    byte[] data = Files.readAllBytes(actual.resolve("d/f"));
    data[4999] = 1;
    Files.write(actual.resolve("d/f"), data);
    plant((dir, name) -> new Times(1_000_000_000, 5, 1_000_000_001, 6).set(dir, name));
    assertFound("d/f", "data");
  }

  @Test
  void xattrsAreCompared() {
    plant((dir, name) -> Xattrs.set(dir, name, Names.bytes("user.y"), Names.bytes("1")));
    assertFound("d/f", "xattr user.y");
  }

  @Test
  void hardLinksAreCompared() throws Exception {
    byte[] data = Files.readAllBytes(actual.resolve("d/f"));
    plant((dir, name) -> Linux.unlinkat(dir, name, 0));
    Files.write(actual.resolve("d/f"), data);
    plant((dir, name) -> Linux.fchownat(dir, name, 1, 2));
    plant((dir, name) -> Linux.fchmodat(dir, name, 0640));
    plant((dir, name) -> Linux.linkat(dir, name, dir, Names.bytes("third")));
    plant((dir, name) -> new Times(1_000_000_000, 5, 1_000_000_001, 6).set(dir, name));
    plant((dir, name) -> Linux.unlinkat(dir, Names.bytes("third"), 0));
    assertFound("d/f", "nlink");
  }

  @Test
  void namesAreCompared() {
    plant((dir, name) -> Linux.unlinkat(dir, Names.bytes("fifo"), 0));
    assertFound("d/fifo", "exists");
  }

  @Test
  void linkTargetsAreCompared() {
    plant((dir, name) -> Linux.unlinkat(dir, Names.bytes("soft"), 0));
    plant((dir, name) -> Linux.symlinkat(Names.bytes("g"), dir, Names.bytes("soft")));
    plant((dir, name) -> Linux.fchownat(dir, Names.bytes("soft"), 1, 2));
    plant(
        (dir, name) -> new Times(1_000_000_000, 5, 1_000_000_001, 6).set(dir, Names.bytes("soft")));
    assertFound("d/soft", "target");
  }

  @Test
  void inAnUpperMarksOfTheUnionAreComparedExceptThoseThatMayDiffer() {
    plant(
        (dir, name) ->
            Xattrs.set(dir, name, Names.bytes("trusted.overlay.origin"), Names.bytes("1")));
    assertNull(new Comparison(Abilities.ALL).compareTrees("upper", upper(expected), upper(actual)));
    plant(
        (dir, name) ->
            Xattrs.set(dir, name, Names.bytes("trusted.overlay.metacopy"), Names.bytes("")));
    Difference difference =
        new Comparison(Abilities.ALL).compareTrees("upper", upper(expected), upper(actual));
    assertEquals("xattr trusted.overlay.metacopy", difference.fact());
  }

  @Test
  void ofAWhiteoutOnlyItsPresenceIsCompared() {
    plant((dir, name) -> Linux.fchmodat(dir, Names.bytes("gone"), 0777));
    assertNull(new Comparison(Abilities.ALL).compareTrees("upper", upper(expected), upper(actual)));
    assertEquals("{type=whiteout}", upper(actual).files().get("d/gone").toString());
  }
}
