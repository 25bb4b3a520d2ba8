package dev.lamina.chroot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.lamina.testing.Commands;
import dev.lamina.testing.Layers;
import dev.lamina.testing.Mounter;
import dev.lamina.testing.Sandbox;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * apt, dpkg, gcc, python3, git and others work in a chroot into Debian in three layers. Each step
 * of work.sh is a test; then the whole tree is compared with what the same work leaves on kernel
 * overlayfs over the same layers.
 *
 * <p>System properties, for work on this test: {@code lamina.chroot.subject} and {@code
 * lamina.chroot.reference} name {@link Mounter}s, {@code lamina.chroot.cache} the directory that
 * keeps the base layer's tar. Two times {@code KERNEL_OVERLAY} shows that the work itself leaves
 * the same every time.
 */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 20, unit = TimeUnit.MINUTES)
final class ChrootTest {
  /** Every way in which tests can mount Lamina, or the one that is asked for. */
  private static final List<Mounter> SUBJECTS =
      System.getProperty("lamina.chroot.subject") == null
          ? Mounter.transports().toList()
          : List.of(Mounter.valueOf(System.getProperty("lamina.chroot.subject")));

  private static final Mounter REFERENCE =
      Mounter.valueOf(System.getProperty("lamina.chroot.reference", "KERNEL_OVERLAY"));
  private static final String CACHE =
      System.getProperty("lamina.chroot.cache", "target/debian-root");

  private static final Duration DOWNLOAD = Duration.ofMinutes(10);
  private static final Duration WORK = Duration.ofMinutes(10);
  private static final Duration COPY = Duration.ofMinutes(10);
  private static final int REPORTED_LINES = 40;

  private final Sandbox sandbox = new Sandbox();
  private String layersBefore;
  private final Map<Mounter, Outcome> subjects = new EnumMap<>(Mounter.class);
  private Outcome reference;

  /** What the work left: every step's result by its name, and a line for every file. */
  private record Outcome(Map<String, String> steps, Set<String> files) {}

  @BeforeAll
  void workOnAll() {
    String tar = Commands.run(DOWNLOAD, "scripts/debian-root", CACHE).succeed().out().strip();
    String layers = sandbox.directory("layers").toString();
    Commands.run(COPY, "bash", resource("layers.sh"), tar, layers).succeed();
    layersBefore = inventory(sandbox.directory("layers"), Instant.MAX.getEpochSecond());
    // One start for all: what is older than it is the same on all.
    long start = Instant.now().getEpochSecond();
    reference = work(REFERENCE, "reference", start);
    for (Mounter mounter : SUBJECTS) {
      subjects.put(mounter, work(mounter, mounter.name(), start));
    }
  }

  @AfterAll
  void unmount() {
    sandbox.close();
  }

  @TestFactory
  Stream<DynamicTest> workSucceeds() {
    return SUBJECTS.stream()
        .flatMap(
            mounter ->
                subjects.get(mounter).steps().entrySet().stream()
                    .map(
                        step ->
                            DynamicTest.dynamicTest(
                                mounter + " " + step.getKey(),
                                () ->
                                    assertTrue(
                                        step.getValue().startsWith("ok\t"), step::getValue))));
  }

  @Test
  void referenceSucceeds() {
    reference.steps().values().forEach(result -> assertTrue(result.startsWith("ok\t"), result));
    subjects
        .values()
        .forEach(subject -> assertEquals(reference.steps().keySet(), subject.steps().keySet()));
  }

  @Test
  void leavesTheSameFilesAsKernelOverlayfs() {
    StringBuilder differences = new StringBuilder();
    subjects.forEach(
        (mounter, subject) -> {
          String title = "only " + REFERENCE + ", not " + mounter;
          append(differences, title, reference.files(), subject.files());
          append(differences, "only " + mounter, subject.files(), reference.files());
        });
    if (!differences.isEmpty()) {
      fail(differences.toString());
    }
  }

  @Test
  void leavesTheLayersAlone() {
    assertEquals(
        layersBefore, inventory(sandbox.directory("layers"), Instant.MAX.getEpochSecond()));
  }

  private Outcome work(Mounter mounter, String name, long start) {
    Path layers = sandbox.directory("layers");
    Path mountPoint = sandbox.directory(name + "/merged");
    // FUSE mounts refuse device nodes and setuid programs unless told otherwise.
    String[] options =
        mounter == Mounter.KERNEL_OVERLAY ? new String[0] : new String[] {"suid", "dev"};
    mounter.mount(
        new Layers(
            List.of(layers.resolve("replaces"), layers.resolve("adds"), layers.resolve("base")),
            sandbox.directory(name + "/upper"),
            sandbox.directory(name + "/work")),
        mountPoint,
        options);
    Commands.run("cp", resource("work.sh"), mountPoint + "/root").succeed();
    Map<String, String> steps =
        steps(
            Commands.run(WORK, "scripts/in-root", mountPoint.toString(), "bash", "/root/work.sh")
                .succeed()
                .out());
    Set<String> files = new LinkedHashSet<>(inventory(mountPoint, start).lines().toList());
    mounter.unmount(mountPoint);
    System.out.println(mounter);
    steps.values().forEach(step -> System.out.println("  " + step.strip()));
    return new Outcome(steps, files);
  }

  /** Splits the output of work.sh; the lines after a failed step's are what the step said. */
  private static Map<String, String> steps(String output) {
    Map<String, String> steps = new LinkedHashMap<>();
    String step = null;
    for (String line : output.lines().toList()) {
      if (line.startsWith("ok\t") || line.startsWith("failed (")) {
        step = line.split("\t")[1];
      }
      steps.merge(step, line, (before, more) -> before + "\n" + more);
    }
    return steps;
  }

  private static void append(
      StringBuilder differences, String title, Set<String> files, Set<String> others) {
    List<String> missing = files.stream().filter(file -> !others.contains(file)).toList();
    if (!missing.isEmpty()) {
      differences.append(title).append(", ").append(missing.size()).append(" lines:\n");
      missing.stream()
          .limit(REPORTED_LINES)
          .forEach(line -> differences.append("  ").append(line).append('\n'));
    }
  }

  private static String inventory(Path root, long start) {
    return Commands.run(
            COPY, "python3", resource("inventory.py"), root.toString(), Long.toString(start))
        .succeed()
        .out();
  }

  private static String resource(String name) {
    try {
      return Path.of(ChrootTest.class.getResource(name).toURI()).toString();
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
