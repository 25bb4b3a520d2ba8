package dev.lamina.differential;

import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Layers;
import dev.lamina.testing.Mounter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Runs one scenario on both sides and compares all there is to compare, up to the first difference.
 * The thread must have an umask of its own.
 */
final class ScenarioRun {
  /**
   * How a run ended.
   *
   * @param difference the first one, null without any
   * @param operations how many were made and compared
   * @param succeeded how many of them the reference did not refuse
   * @param allowed how often each allowed difference was met
   */
  record Result(
      Difference difference, int operations, int succeeded, Map<String, Integer> allowed) {}

  private final Scenario scenario;
  private final Setup setup;
  private final Extent extent;
  private final Path directory;
  private final Progress progress;
  private final Comparison comparison;
  private final Identity identity = new Identity();
  private final FileFacts reader = new FileFacts();
  private int operations;
  private int succeeded;

  /**
   * @param directory an empty one; what is left in it the caller unmounts and removes
   */
  ScenarioRun(Scenario scenario, Setup setup, Extent extent, Path directory, Progress progress) {
    this.scenario = scenario;
    this.setup = setup;
    this.extent = extent;
    this.directory = directory;
    this.progress = progress;
    comparison = new Comparison(setup.abilities());
  }

  private World world(MountedSide side, World reference) {
    return new World(side, identity, reference, setup.abilities());
  }

  Result run() {
    Difference difference = findDifference();
    return new Result(difference, operations, succeeded, comparison.allowed());
  }

  private Difference findDifference() {
    progress.at("building the layers");
    Layers expectedLayers = build("reference");
    Layers actualLayers = build("subject");
    progress.at("mounting");
    TreeImage expectedView;
    TreeImage actualView;
    try (World expected = world(mountReference(expectedLayers, "reference/mount"), null);
        World actual = world(mountSubject(actualLayers, "subject/mount"), expected)) {
      Difference difference = runOperations(expected, actual);
      if (difference != null) {
        return difference;
      }
      identity.become(0, 0);
      identity.umask(022);
      progress.at("reading the trees");
      expectedView = expected.view();
      actualView = actual.view();
      difference = comparison.compareTrees("tree", expectedView, actualView);
      if (difference != null) {
        return difference;
      }
      progress.at("unmounting");
    }
    Difference difference = null;
    if (extent.compareTo(Extent.UPPERS) >= 0) {
      difference = compareUppers(expectedLayers, actualLayers);
    }
    if (difference == null && extent.compareTo(Extent.MOUNTED_BY_REFERENCE) >= 0) {
      difference = compareByReference(actualLayers, actualView);
    }
    // The subject's mount is the slow one.
    if (difference == null && extent == Extent.ALL) {
      difference = compareBySubject(expectedLayers, expectedView);
    }
    return difference;
  }

  private Difference runOperations(World expected, World actual) {
    List<Operation> all = scenario.operations();
    for (int i = 0; i < all.size(); i++) {
      Operation operation = all.get(i);
      String place = "operation " + (i + 1) + ": " + operation;
      progress.at(place + " (reference)");
      Facts expectedFacts = operation.execute(expected);
      progress.at(place + " (subject)");
      Facts actualFacts = operation.execute(actual);
      operations++;
      succeeded += expectedFacts.isError() ? 0 : 1;
      Difference difference =
          comparison.compare(operation.kind(), place, expectedFacts, actualFacts);
      if (difference != null) {
        return difference;
      }
    }
    return null;
  }

  private Difference compareUppers(Layers expected, Layers actual) {
    progress.at("comparing the upper directories");
    return comparison.compareTrees(
        Extent.UPPER_KIND, upper(expected.upper()), upper(actual.upper()));
  }

  private TreeImage upper(Path path) {
    int fd = MountedSide.openDirectory(path, OpenFlags.O_RDONLY);
    try {
      return UpperImage.of(fd, reader);
    } finally {
      Linux.close(fd);
    }
  }

  /** The subject's layers, mounted by the reference, must show what they showed before. */
  private Difference compareByReference(Layers layers, TreeImage view) {
    progress.at("mounting the subject's upper with the reference");
    try (World world = world(mountReference(layers, "reference/exchanged"), null)) {
      return comparison.compareTrees(Extent.BY_REFERENCE_KIND, view, world.view());
    }
  }

  /** The other way round. */
  private Difference compareBySubject(Layers layers, TreeImage view) {
    progress.at("mounting the reference's upper with the subject");
    try (World world = world(mountSubject(layers, "subject/exchanged"), null)) {
      return comparison.compareTrees(Extent.BY_SUBJECT_KIND, view, world.view());
    }
  }

  private MountedSide mountReference(Layers layers, String point) {
    return mount(setup.reference(), layers, point, setup.referenceOptions());
  }

  private MountedSide mountSubject(Layers layers, String point) {
    return mount(setup.subject(), layers, point, setup.allSubjectOptions());
  }

  private MountedSide mount(Mounter mounter, Layers layers, String point, List<String> options) {
    return new MountedSide(mounter, layers, create(directory.resolve(point)), options);
  }

  private Layers build(String side) {
    Path base = directory.resolve(side);
    List<Path> lowers = new ArrayList<>();
    for (int i = 0; i < scenario.layers().size(); i++) {
      Path lower = create(base.resolve("lower" + i));
      LayerBuilder.build(lower, scenario.layers().get(i));
      lowers.add(lower);
    }
    Path upper = create(base.resolve("upper"));
    LayerBuilder.build(upper, List.of());
    return new Layers(lowers, upper, create(base.resolve("work")));
  }

  private static Path create(Path path) {
    try {
      return Files.createDirectories(path);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
