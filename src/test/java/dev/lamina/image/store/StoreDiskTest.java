package dev.lamina.image.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.ImageSource;
import dev.lamina.image.Platform;
import dev.lamina.image.Progress;
import dev.lamina.image.layer.UnpackLimits;
import dev.lamina.image.tar.RawTar;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Waiting;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A store on a disk that is full, or read-only: what needs no room works, the rest says why not.
 */
class StoreDiskTest {
  private Sandbox sandbox;
  private Path disk;
  private TestImages images;

  @BeforeEach
  void makeDisk() throws IOException {
    sandbox = new Sandbox();
    disk = sandbox.directory("disk");
    mount("-t", "tmpfs", "-o", "size=2m,nr_inodes=400", "none", disk.toString());
    images = new TestImages(sandbox.root().resolve("layout"));
    byte[] large = new byte[300_000];
    TestImages.Layer base =
        images.layer(
            new RawTar()
                .file("base", new String(large, StandardCharsets.ISO_8859_1))
                .end()
                .bytes());
    TestImages.Layer top = images.layer(new RawTar().file("top", "t").end().bytes());
    images.image("both", List.of(base, top));
    images.image("base", List.of(base));
  }

  @AfterEach
  void cleanUp() {
    sandbox.close();
  }

  private static void mount(String... arguments) {
    String[] command = new String[arguments.length + 1];
    command[0] = "mount";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    Commands.run(command).succeed();
  }

  private Store open() throws IOException {
    return Store.open(disk.resolve("store"), UnpackLimits.DEFAULT, Progress.NONE);
  }

  private void pull(Store store, String name) throws IOException {
    try (ImageSource source = images.layout().source(name)) {
      store.images().pull(source, Platform.host(), name);
    }
  }

  /** One image, and a mount of another one that has lost its name. */
  private void fill() throws IOException {
    try (Store store = open()) {
      pull(store, "base");
      pull(store, "both");
      try (MountHold hold =
          store
              .mounts()
              .make(store.images().get("both"), "m", Path.of("/mnt/m"), null, null, false)) {
        hold.serves();
      }
      store.images().remove("both");
    }
  }

  private void takeAllSpace() {
    assertThrows(
        IOException.class,
        () -> {
          try (OutputStream out = Files.newOutputStream(disk.resolve("space"))) {
            while (true) {
              out.write(new byte[4096]);
            }
          }
        });
  }

  private void takeAllInodes() {
    assertThrows(
        IOException.class,
        () -> {
          for (int i = 0; ; i++) {
            Files.createFile(disk.resolve("inode" + i));
          }
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"space", "inodes"})
  void fullDiskCanBeReadAndMadeRoomOn(String what) throws IOException {
    fill();
    if (what.equals("space")) {
      takeAllSpace();
    } else {
      takeAllInodes();
    }
    try (Store store = open()) {
      IOException refused = assertThrows(IOException.class, () -> pull(store, "both"));
      assertTrue(
          refused.getMessage().matches("(?i).*/store/.*no space left.*"), refused.getMessage());
    }
    try (Store store = open()) {
      StoredImage image = store.images().get("base");
      assertEquals(List.of("base:latest"), image.names());
      assertEquals(1, store.trees().of(image).size());
      try (ImageSource source = store.images().source(image)) {
        assertEquals(image.descriptor().digest(), source.document().digest());
      }
      MountRecord mount = store.mounts().find("m");
      assertEquals(2, store.trees().of(mount).size());
      store.mounts().remove(mount);
      assertTrue(store.garbage().collect(0).layers() > 0);
      assertNull(store.mounts().find("m"));
    }
    try (Store store = open()) {
      // There is room again.
      assertEquals(1, store.images().remove("base").size() - 1);
      assertEquals(List.of(), store.images().all());
    }
  }

  /** While nothing can be written that says so, too. */
  @Test
  void whatIsUsedOnAFullDiskIsNotCollected() throws Exception {
    fill();
    takeAllInodes();
    try (Store other = open()) {
      Thread collector;
      try (Store store = open()) {
        List<Path> trees = store.trees().of(store.mounts().find("m"));
        other.mounts().remove(other.mounts().find("m"));
        collector =
            new Thread(
                () -> {
                  try {
                    other.garbage().collect(0);
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                });
        collector.start();
        awaitWaiting(collector);
        for (Path tree : trees) {
          assertTrue(Files.isDirectory(tree), "" + tree);
        }
      }
      collector.join();
      assertEquals(1, layers().length);
    }
  }

  /** Until it waits for a lock; /proc/locks has an arrow before such a one. */
  private static void awaitWaiting(Thread collector) {
    Pattern waits = Pattern.compile(".*-> FLOCK .* " + ProcessHandle.current().pid() + " .*");
    Waiting.until(
        "the collector waits",
        () -> {
          assertTrue(collector.isAlive(), "it has not waited");
          try {
            return Files.readAllLines(Path.of("/proc/locks")).stream()
                .anyMatch(line -> waits.matcher(line).matches());
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
  }

  private String[] layers() {
    return disk.resolve("store/layers/sha256").toFile().list();
  }

  @Test
  void readOnlyStoreCanBeReadAndSaysWhyItCannotBeChanged() throws IOException {
    fill();
    mount("-o", "remount,ro", disk.toString());
    try (Store store = open()) {
      StoredImage image = store.images().get("base");
      assertEquals(1, store.images().all().size());
      assertEquals(1, store.trees().of(image).size());
      store.images().source(image).close();
      assertEquals(2, store.trees().of(store.mounts().find("m")).size());
      for (ThrowingCall call :
          List.<ThrowingCall>of(
              () -> store.images().remove("base"),
              () -> store.mounts().remove(store.mounts().find("m")),
              () -> store.images().tag(image, "other"),
              () -> store.mounts().make(image, "n", Path.of("/mnt/n"), null, null, false))) {
        IOException refused = assertThrows(IOException.class, call::run);
        assertTrue(refused.getMessage().contains("read-only file system"), refused.getMessage());
      }
    }
  }

  private interface ThrowingCall {
    void run() throws IOException;
  }
}
