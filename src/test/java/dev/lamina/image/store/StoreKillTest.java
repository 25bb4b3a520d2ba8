package dev.lamina.image.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageSource;
import dev.lamina.image.Platform;
import dev.lamina.image.archive.ImageFacts;
import dev.lamina.image.file.FileLock;
import dev.lamina.image.layout.OciLayout;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Processes that pull, commit, collect garbage and remove images are killed at any moment, while
 * others do the same: no image that was there is lost, and nothing half-made counts.
 *
 * <p>{@code -Dlamina.test.kills=N} and {@code -Dlamina.test.seed=N} ask for more, or others.
 */
@Tag("slow")
@Tag("one-jdk")
class StoreKillTest {
  private static final int KILLS =
      Integer.getInteger("lamina.test.kills", Boolean.getBoolean("lamina.test.all") ? 100 : 50);

  private static final long SEED = Long.getLong("lamina.test.seed", 4);

  /** What the processes of one round do. */
  private static final List<String> ROUND = List.of("pull", "commit", "gc", "pull", "rmi");

  /** Of a processor's time, after which a process is killed: a busy machine gives it as well. */
  private static final int LEAST_MILLIS = 10;

  private static final int MOST_MILLIS = 200;

  private final Random random = new Random(SEED);
  private final Map<Process, String> processes = new LinkedHashMap<>();
  private final Map<String, Integer> killed = new TreeMap<>();
  private final Set<Path> abandoned = new HashSet<>();

  /** Kills after which there was something more of that kind. */
  private int leftovers;

  private Sandbox sandbox;
  private Path root;
  private OciLayout source;
  private StoreCheck check;
  private Map<String, Map<String, String>> trees;

  @BeforeEach
  void makeRoom() throws IOException {
    sandbox = new Sandbox();
    root = sandbox.root().resolve("store");
    source = StoreImages.write(sandbox.root().resolve("source"));
    check = new StoreCheck(root);
    trees = StoreImages.trees(source, sandbox.root().resolve("reference"));
    try (Store store = StoreMain.open(root)) {
      for (String name : List.of("kept", "image0")) {
        try (ImageSource image = source.source(name)) {
          store.images().pull(image, Platform.host(), name.equals("kept") ? name : "kept-too");
        }
      }
    }
  }

  @AfterEach
  void cleanUp() {
    for (Process process : processes.keySet()) {
      Commands.kill(process);
      Waiting.untilEnd("the process", process);
    }
    sandbox.close();
  }

  @Test
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void noKillLosesAnImageOrLeavesHalfOfOne() throws Exception {
    long begin = System.nanoTime();
    int kills = 0;
    start(KILLS);
    while (kills < KILLS) {
      kills += round(KILLS - kills);
    }
    System.out.printf(
        "%d processes killed in %d s (%s): images and layers whole after each;"
            + " %d times something half-made was left and then collected%n",
        kills, (System.nanoTime() - begin) / 1_000_000_000, killed, leftovers);
    assertEquals(KILLS, kills);
    assertTrue(leftovers > KILLS / 20, "the kills hit nothing: " + leftovers);
  }

  /** Starts the processes of a round, which then wait. */
  private void start(int most) throws IOException {
    for (String operation : ROUND.subList(0, Math.min(ROUND.size(), most))) {
      Path images = sandbox.root().resolve("source");
      long seed = random.nextLong();
      processes.put(
          StoreConcurrencyTest.start(root, images, operation, Integer.MAX_VALUE, seed), operation);
    }
  }

  /** Lets processes begin at once, and kills each at a moment of its own; returns how many. */
  private int round(int most) throws Exception {
    Map<Process, String> running = new LinkedHashMap<>(processes);
    Map<Process, Long> moments = new LinkedHashMap<>();
    for (Process process : running.keySet()) {
      assertEquals("ready", process.inputReader().readLine());
      long after = LEAST_MILLIS + random.nextInt(MOST_MILLIS - LEAST_MILLIS);
      moments.put(process, millisUsed(process) + after);
    }
    for (Process process : running.keySet()) {
      process.getOutputStream().close();
    }
    while (!moments.isEmpty()) {
      Process process = awaitMoment(moments);
      moments.remove(process);
      assertTrue(process.isAlive(), running.get(process) + " ended by itself");
      process.destroyForcibly();
      Waiting.untilEnd("a killed process", process);
      killed.merge(processes.remove(process), 1, Integer::sum);
      if (abandoned.addAll(abandoned())) {
        leftovers++;
      }
      keptImagesAreWhole();
    }
    // They start while this one is busy with looking.
    start(most - running.size());
    nothingHalfMadeCounts();
    everythingWorks();
    return running.size();
  }

  /** The first process that has come to its moment, or has ended. */
  private static Process awaitMoment(Map<Process, Long> moments) {
    AtomicReference<Process> found = new AtomicReference<>();
    Waiting.until(
        "a process works",
        () -> {
          moments.forEach(
              (process, moment) -> {
                if (millisUsed(process) >= moment) {
                  found.set(process);
                }
              });
          return found.get() != null;
        });
    return found.get();
  }

  /** Time of processors that it has used; as much as can be where it has ended. */
  private static long millisUsed(Process process) {
    return process.info().totalCpuDuration().map(Duration::toMillis).orElse(Long.MAX_VALUE);
  }

  /** Also while other processes still work. */
  private void keptImagesAreWhole() throws IOException {
    for (String name : List.of("kept:latest", "kept-too:latest")) {
      List<Digest> layers = ImageFacts.of(check.layout().source(name)).layers();
      for (Digest layer : layers) {
        assertTrue(check.layers().contains(layer.hex()), "a layer of " + name);
      }
    }
  }

  private void nothingHalfMadeCounts() throws IOException {
    check.imagesThatAreWhole();
    check.assertLayersAreLike(trees);
  }

  /** What no living process holds: what it was making, and what it had leased for that. */
  private Set<Path> abandoned() throws IOException {
    Set<Path> found = new HashSet<>();
    for (String directory : List.of("images/blobs", "tmp", "leases")) {
      for (String file : check.list(directory)) {
        Path path = root.resolve(directory).resolve(file);
        if (isAbandoned(path)) {
          found.add(path);
        }
      }
    }
    return found;
  }

  private static boolean isAbandoned(Path file) throws IOException {
    return Files.isRegularFile(file) && !FileLock.isHeld(file);
  }

  private void everythingWorks() throws IOException {
    StoreMain.pull(root, source, "image" + random.nextInt(StoreImages.COUNT), random);
    StoreMain.commit(root, random);
    StoreMain.gc(root);
    check.assertNothingIsUnderWay();
    assertEquals(List.of(), check.list("locks"));
    assertEquals(
        Set.of("blobs", "index.json", "oci-layout", ".lamina.lock"),
        Set.copyOf(check.list("images")));
    Map<String, Digest> images = check.imagesThatAreWhole();
    assertTrue(images.containsKey("kept:latest"), "" + images);
    check.assertLayersAreLike(trees);
    onlyWhatImagesNeedIsThere();
  }

  private void onlyWhatImagesNeedIsThere() throws IOException {
    Set<String> layers = new HashSet<>();
    Set<String> blobs = new HashSet<>();
    try (Store store = StoreMain.open(root)) {
      for (StoredImage image : store.images().all()) {
        image.config().diffIds().forEach(layer -> layers.add(layer.hex()));
        image.manifest().layers().forEach(blob -> blobs.add(blob.digest().hex()));
        blobs.add(image.id().hex());
        blobs.add(image.descriptor().digest().hex());
      }
    }
    assertTrue(layers.containsAll(check.layers()));
    assertEquals(blobs, Set.copyOf(check.list("images/blobs/sha256")));
  }
}
