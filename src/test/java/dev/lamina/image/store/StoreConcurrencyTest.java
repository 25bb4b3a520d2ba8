package dev.lamina.image.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.ImageSource;
import dev.lamina.image.Platform;
import dev.lamina.image.layout.OciLayout;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Waiting;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many processes and threads, one store. */
@Tag("slow")
@Tag("one-jdk")
class StoreConcurrencyTest {
  private static final int THREADS = 8;
  private static final int ROUNDS = 12;

  private Sandbox sandbox;
  private Path root;
  private OciLayout source;
  private StoreCheck check;
  private final List<Process> processes = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @BeforeEach
  void makeRoom() throws IOException {
    sandbox = new Sandbox();
    root = sandbox.root().resolve("store");
    source = StoreImages.write(sandbox.root().resolve("source"));
    check = new StoreCheck(root);
  }

  @AfterEach
  void cleanUp() {
    processes.forEach(Commands::kill);
    threads.shutdownNow();
    Waiting.until("the threads end", threads::isTerminated);
    sandbox.close();
  }

  static Process start(Path root, Path source, String what, int count, long seed)
      throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xshare:auto",
            "-cp",
            System.getProperty("java.class.path"),
            StoreMain.class.getName(),
            root.toString(),
            source.toString(),
            what,
            Integer.toString(count),
            Long.toString(seed))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private void start(String what, int count) throws IOException {
    Path images = sandbox.root().resolve("source");
    Process process = start(root, images, what, count, processes.size());
    processes.add(process);
    process.getOutputStream().close();
  }

  private void awaitProcesses() {
    for (Process process : processes) {
      assertEquals(0, Waiting.untilEnd("a process", process));
    }
  }

  private void together(List<Callable<Void>> tasks) throws Exception {
    List<Future<Void>> all = new ArrayList<>();
    tasks.forEach(task -> all.add(threads.submit(task)));
    for (Future<Void> one : all) {
      Waiting.result("a thread", one);
    }
  }

  /** Layers come out of as many sources as there are threads, each once. */
  @Test
  void whoPullsTheSameSharesTheWork() throws Exception {
    CyclicBarrier start = new CyclicBarrier(THREADS);
    List<MemoryImage> images = new ArrayList<>();
    List<Callable<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      MemoryImage image = StoreImages.image(i % 2);
      images.add(image);
      tasks.add(
          () -> {
            try (Store store = StoreMain.open(root)) {
              start.await();
              StoredImage pulled = store.images().pull(image, Platform.host(), "name");
              assertEquals(3, store.trees().of(pulled).size());
            }
            return null;
          });
    }
    together(tasks);
    int opened = images.stream().mapToInt(MemoryImage::opened).sum();
    assertEquals(THREADS + 4, opened, "a configuration each, and four layers in all");
    assertEquals(4, check.layers().size());
    assertEquals(1, check.imagesThatAreWhole().size());
    check.assertNothingIsUnderWay();
  }

  @Test
  void pullsCollectionsAndRemovalsAtOnce() throws Exception {
    Map<String, Map<String, String>> trees =
        StoreImages.trees(source, sandbox.root().resolve("reference"));
    try (Store store = StoreMain.open(root);
        ImageSource kept = source.source("kept")) {
      store.images().pull(kept, Platform.host(), "kept");
    }
    start("pull", 2 * ROUNDS);
    start("pull", 2 * ROUNDS);
    start("commit", 2 * ROUNDS);
    start("gc", 3 * ROUNDS);
    List<Callable<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      Random random = new Random(100 + i);
      List<String> steps = List.of("pull", "pull", "commit", "gc", "rmi");
      tasks.add(
          () -> {
            for (int round = 0; round < ROUNDS; round++) {
              StoreMain.step(root, source, steps.get(random.nextInt(steps.size())), random);
              try (Store store = StoreMain.open(root)) {
                assertNotNull(store.images().find("kept"), "it was there all the time");
              }
            }
            return null;
          });
    }
    tasks.add(this::mounts);
    together(tasks);
    awaitProcesses();
    StoreMain.gc(root);
    assertTrue(check.imagesThatAreWhole().containsKey("kept:latest"));
    check.assertLayersAreLike(trees);
    check.assertNothingIsUnderWay();
    assertEquals(List.of(), check.list("mounts"));
    assertEquals(List.of(), check.list("locks"));
    try (Store store = StoreMain.open(root)) {
      for (StoredImage image : store.images().all()) {
        assertEquals(image.config().diffIds().size(), store.trees().of(image).size());
      }
    }
    check.assertLayersAreLike(trees);
  }

  /** Mounts and unmounts, one writable and one that is forgotten when it ends. */
  private Void mounts() throws IOException {
    for (int round = 0; round < ROUNDS; round++) {
      try (Store store = StoreMain.open(root)) {
        StoredImage image = store.images().get("kept");
        MountHold readOnly =
            store.mounts().make(image, null, root.resolve("none"), null, null, true);
        try (MountHold hold =
            store.mounts().make(image, null, root.resolve("none"), null, null, false)) {
          assertEquals(2, store.trees().of(hold.mount()).size());
          assertTrue(store.mounts().isServed(hold.mount()));
        }
        readOnly.close();
        for (MountRecord mount : store.mounts().all()) {
          if (!mount.isReadOnly()) {
            store.mounts().resume(mount, root.resolve("else")).close();
            store.mounts().remove(mount);
          }
        }
      }
    }
    return null;
  }
}
