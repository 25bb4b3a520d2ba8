package dev.lamina.behaviour;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.Digest;
import dev.lamina.image.registry.RegistryServer;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.ShortTempDir;
import dev.lamina.testing.Snapshot;
import dev.lamina.testing.Tree;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An image that was mounted, changed and committed, written in every form there is, read into a
 * fresh store and read out of that by others: always the tree that the mount has shown. Prints the
 * trees' checksums as a table, a line for each form and a column for each reader.
 */
@Tag("one-jdk")
@Tag("slow")
class RoundTripTest {
  private static final List<String> TABLE = new ArrayList<>();
  private static final ExecutorService READERS = Executors.newFixedThreadPool(2);
  private static Sandbox shared;
  private static RegistryServer registry;
  private static LaminaStore maker;
  private static Map<String, String> expected;

  private final Sandbox sandbox = new Sandbox();
  private LaminaStore fresh;

  /** For podman, see {@link RoundTripPodman}. */
  @TempDir(factory = ShortTempDir.class)
  private Path run;

  @BeforeAll
  static void makeImage() {
    shared = new Sandbox();
    registry = RegistryServer.start(shared.directory("registry"));
    maker = new LaminaStore(shared.directory("maker"));
    Path base = shared.directory("base");
    RoundTripImage.fill(new Tree(base));
    maker.run("import", base.toString(), "one");
    Path merged = shared.directory("merged");
    maker.run("mount", "--name", "second", "one", merged.toString());
    Snapshot.assertSame("import", LaminaStore.lines("" + base), LaminaStore.lines("" + merged));
    RoundTripImage.change(new Tree(merged));
    maker.run("commit", "second", "two");
    maker.umount(merged);
    maker.run("mount", "--name", "third", "two", merged.toString());
    RoundTripImage.changeAgain(new Tree(merged));
    expected = LaminaStore.lines(merged.toString());
    maker.run("commit", "third", RoundTripForm.IMAGE);
    maker.run("commit", "--compression", "zstd", "third", RoundTripForm.ZSTD);
    maker.run("commit", "--compression", "none", "third", RoundTripForm.PLAIN);
    maker.umount(merged);
  }

  @AfterAll
  static void close() {
    READERS.shutdown();
    registry.close();
    shared.close();
    System.out.println(
        line("", name -> name.toString().toLowerCase())
            + line("the mount", reader -> sum(reader.kept(expected)))
            + String.join("", TABLE));
  }

  private static String line(String head, Function<RoundTripReader, String> column) {
    StringBuilder line = new StringBuilder(String.format("%-36s", head));
    for (RoundTripReader reader : RoundTripReader.values()) {
      line.append(String.format("  %-12s", column.apply(reader)));
    }
    return line.append('\n').toString();
  }

  @BeforeEach
  void makeStore() {
    fresh = new LaminaStore(sandbox.directory("fresh"));
  }

  @AfterEach
  void closeSandbox() {
    sandbox.close();
  }

  private static String sum(Map<String, String> tree) {
    byte[] lines = tree.toString().getBytes(StandardCharsets.ISO_8859_1);
    return Digest.of(lines).hex().substring(0, 12);
  }

  private RoundTripPodman podman(String name) {
    return new RoundTripPodman(sandbox.directory(name), run.resolve(name.substring(0, 1)));
  }

  /** Every third one where time is short; all of them with the property lamina.test.all. */
  static Stream<RoundTripForm> forms() {
    boolean all = Boolean.getBoolean("lamina.test.all");
    return Stream.of(RoundTripForm.values()).filter(form -> all || form.ordinal() % 3 == 0);
  }

  @ParameterizedTest
  @MethodSource("forms")
  void theTreeStaysTheSame(RoundTripForm form) {
    form.bring(maker, fresh, sandbox.directory("form"), podman("writer"), registry.host());
    Map<RoundTripReader, CompletableFuture<Map<String, String>>> trees =
        new EnumMap<>(RoundTripReader.class);
    for (RoundTripReader reader : RoundTripReader.values()) {
      Path scratch = sandbox.directory(reader.name());
      RoundTripPodman podman = podman("reader");
      trees.put(
          reader,
          CompletableFuture.supplyAsync(() -> reader.read(fresh, scratch, podman), READERS));
    }
    // All have ended before the sandbox is closed.
    CompletableFuture.allOf(trees.values().toArray(CompletableFuture[]::new))
        .exceptionally(failure -> null)
        .join();
    TABLE.add(line(form.toString(), reader -> sumOf(reader, trees.get(reader))));
    assertAll(
        trees.entrySet().stream()
            .map(entry -> () -> assertKept(form, entry.getKey(), entry.getValue().join())));
  }

  private static String sumOf(RoundTripReader reader, CompletableFuture<Map<String, String>> tree) {
    return tree.isCompletedExceptionally() ? "failed" : sum(reader.kept(tree.join()));
  }

  private static void assertKept(
      RoundTripForm form, RoundTripReader reader, Map<String, String> tree) {
    String what = form + " as " + reader + " reads it";
    Snapshot.assertSame(what, reader.kept(expected), reader.kept(tree));
  }

  @Test
  void theStoreIsReadInPlace() {
    String image = maker.inPlace(RoundTripForm.IMAGE);
    String layers = RoundTripForm.skopeo("inspect", "--format", "{{len .Layers}}", image);
    assertEquals("3", layers.trim());
    Path images = maker.root().resolve("images");
    String listed = Commands.run("umoci", "ls", "--layout", images.toString()).succeed().out();
    for (String name : List.of("one", "two", RoundTripForm.IMAGE, RoundTripForm.ZSTD)) {
      assertTrue(listed.lines().anyMatch((name + ":latest")::equals), listed);
    }
  }

  /** Lamina takes what umoci has made beside its own images. */
  @Test
  void umociWritesIntoTheStore() {
    fresh.run("pull", maker.inPlace(RoundTripForm.IMAGE), "image");
    String image = fresh.root().resolve("images") + ":image:latest";
    Path file = sandbox.directory("more").resolve("file");
    new Tree(file.getParent()).write("file", "umoci's");
    Commands.run("umoci", "insert", "--image", image, "--tag", "more", file + "", "/bin/umoci")
        .succeed();
    Map<String, String> tree = fresh.tree("more", sandbox.directory("merged"));
    assertTrue(tree.containsKey("bin/umoci"), tree.keySet().toString());
    // What the directory itself is like, umoci does not say.
    tree.keySet().removeAll(List.of("bin/umoci", "bin"));
    Map<String, String> others = new TreeMap<>(expected);
    others.remove("bin");
    Snapshot.assertSame("the rest", others, tree);
  }

  /** A layer has an entry of the root directory only where that has changed. */
  @Test
  void theRootDirectoryIsAsALowerLayerSays() {
    Path merged = sandbox.directory("merged");
    maker.run("mount", "--name", "fourth", RoundTripForm.IMAGE, merged.toString());
    new Tree(merged).append("kept/b", "d");
    Map<String, String> changed = LaminaStore.lines(merged.toString());
    maker.run("commit", "fourth", "four");
    maker.umount(merged);
    Snapshot.assertSame("read-only", changed, maker.tree("four", merged));
    assertEquals("C /kept\nC /kept/b", maker.run("diff", "four"));
    maker.run("push", "four", "oci:" + sandbox.root().resolve("layout") + ":t");
    fresh.run("pull", "oci:" + sandbox.root().resolve("layout") + ":t", "image");
    Path scratch = sandbox.directory("scratch");
    Map<String, String> exported = RoundTripReader.TAR.read(fresh, scratch, podman("reader"));
    Snapshot.assertSame("exported", changed, exported);
    fresh.run("mount", "--name", "fifth", "image", merged.toString());
    Snapshot.assertSame("mounted", changed, LaminaStore.lines(merged.toString()));
    new Tree(merged).append("kept/b", "e");
    assertEquals("C /kept\nC /kept/b", fresh.run("diff", "fifth"));
    fresh.umount(merged);
  }

  @Test
  void encryptedLayersAreRefused() {
    String key = sandbox.root() + "/key";
    Commands.run("openssl", "genrsa", "-out", key, "2048").succeed();
    Commands.run("openssl", "rsa", "-in", key, "-pubout", "-out", key + ".pub").succeed();
    String copy = "oci:" + sandbox.root().resolve("encrypted") + ":t";
    String image = maker.inPlace(RoundTripForm.IMAGE);
    RoundTripForm.skopeo("copy", "--encryption-key", "jwe:" + key + ".pub", image, copy);
    Commands.Result result = Lamina.run("--root", fresh.root().toString(), "pull", copy, "image");
    assertEquals(1, result.status(), result.err());
    assertTrue(result.err().contains("encrypted"), result.err());
    assertEquals("", fresh.run("images", "--format", "json").replaceAll("[\\[\\]\\s]", ""));
  }
}
