package dev.lamina.union;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.ReadFaults;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Tree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Makes each read of each operation fail once with each of six errors. The operation must fail with
 * that error or with one that its manual page has for the situation, or succeed with the right
 * result. Afterwards, without faults, the tree must be that of kernel overlayfs after the same
 * operation, or before it if it has failed; the operation can be repeated; no descriptor and no
 * file in the work directory is left. {@link CrashTest} does the same for changes.
 */
@Tag("slow")
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReadFaultMatrixTest {
  private static final int[] ERRORS = {
    Errno.EIO, Errno.EMFILE, Errno.ENOMEM, Errno.EACCES, Errno.EINTR, Errno.ELOOP
  };

  /** If time is short, only every other read fails, with one of the errors in turn. */
  private static final boolean ALL = Boolean.getBoolean("lamina.test.all");

  private static final long DESCRIPTORS = 100;

  /** The outcome of an operation: its reply as text, or its errno. */
  private record Outcome(String answer, int errno) {}

  /** The outcome of an operation on kernel overlayfs. */
  private record Reference(
      int errno,
      Map<String, String> before,
      Map<String, String> after,
      Map<String, String> upper) {}

  private final Sandbox sandbox = new Sandbox();
  private final Map<String, Integer> counts = new TreeMap<>();
  private final List<String> wrong = new ArrayList<>();
  private Path base;
  private int runs;

  @Test
  void anErrorIsPassedOnOrMakesNoDifference() throws Exception {
    // It is in memory, since the test makes and removes some 100,000 files.
    base = Files.createTempDirectory(Path.of("/dev/shm"), "lamina-test-");
    try {
      int reads = 0;
      String only = System.getProperty("lamina.test.operation", "");
      List<FaultOperation> all =
          FaultOperation.all().stream().filter(one -> one.name().startsWith(only)).toList();
      fillLayers();
      for (FaultOperation operation : all) {
        reads += eachRead(operation);
      }
      System.out.println(
          all.size() + " operations, " + reads + " reads, " + runs + " faults: " + counts);
      wrong.forEach(System.out::println);
      assertEquals(0, wrong.size(), wrong.size() + " of " + runs + " are wrong");
    } finally {
      for (Path mount : Sandbox.mountsBelow(base)) {
        FaultTree.unmount(mount);
      }
      remove(base);
      sandbox.close();
    }
  }

  private void fillLayers() throws IOException {
    for (String name : List.of("lower0", "lower1", "meta0", "view")) {
      Files.createDirectory(base.resolve(name));
    }
    FaultTree.fillLower(base.resolve("lower0"), base.resolve("lower1"));
    FaultTree.fillMetacopy(base.resolve("meta0"));
  }

  private List<Path> lower(FaultOperation operation) {
    return List.of(base.resolve(operation.metacopy() ? "meta0" : "lower0"), base.resolve("lower1"));
  }

  /** Returns the number of reads that an operation makes. */
  private int eachRead(FaultOperation operation) throws Exception {
    Reference reference = reference(operation);
    int step = ALL ? 1 : 2;
    // If two operations make the same reads, odd reads fail in one and even reads in the other.
    int number = ALL ? 0 : -(operation.name().length() % step);
    Outcome expected = attempt(operation, reference, 0, 0, null);
    if (expected == null) {
      return 0;
    }
    boolean failed = true;
    while (failed) {
      number += step;
      int errors = ALL ? ERRORS.length : 1;
      for (int i = 0; i < errors; i++) {
        int errno = ERRORS[ALL ? i : (number / step + operation.name().length()) % ERRORS.length];
        failed = attempt(operation, reference, number, errno, expected) != null;
      }
    }
    return number - step;
  }

  private Reference reference(FaultOperation operation) throws IOException {
    Path upper = upper("kernel");
    Path work = Files.createDirectory(base.resolve("kernel-work"));
    Path view = base.resolve("view");
    List<Path> lower = lower(operation);
    FaultTree.mountKernel(view, lower, upper, work, operation.metacopy());
    Map<String, String> before = FaultView.of(new Tree(view));
    long result = operation.call().run(new Tree(view));
    FaultTree.unmount(view);
    // In a new mount, since in the first one two names of one lower file may change together.
    Map<String, String> after = throughKernel(operation, upper);
    Map<String, String> left = FaultView.of(new Tree(upper));
    remove(upper);
    remove(work);
    return new Reference((int) -Math.min(result, 0), before, after, left);
  }

  private Path upper(String name) throws IOException {
    Path upper = Files.createDirectory(base.resolve(name));
    FaultTree.fillUpper(upper);
    return upper;
  }

  /**
   * Runs an operation with a fault and judges it.
   *
   * @param number the number of the read that fails; 0 for none
   * @param expected the outcome without a fault; null if this run finds it out
   * @return the outcome; null if the operation makes fewer reads
   */
  private Outcome attempt(
      FaultOperation operation, Reference reference, int number, int errno, Outcome expected)
      throws Exception {
    Path root = Files.createDirectory(base.resolve("run"));
    try {
      return attemptIn(root, operation, reference, number, errno, expected);
    } finally {
      remove(root);
    }
  }

  private Outcome attemptIn(
      Path root,
      FaultOperation operation,
      Reference reference,
      int number,
      int errno,
      Outcome expected)
      throws Exception {
    List<Path> lower = lower(operation);
    for (int i = 0; i < lower.size(); i++) {
      Files.createSymbolicLink(root.resolve("lower" + i), lower.get(i));
    }
    FaultTree.fillUpper(Files.createDirectory(root.resolve("upper")));
    Files.createDirectory(root.resolve("work"));
    long descriptors = InProcess.openDescriptors();
    Outcome outcome;
    String where = operation + (number == 0 ? "" : ", read " + number + " " + Errno.name(errno));
    try (InProcess union = InProcess.in(root, FaultTree.LAYERS, DESCRIPTORS).mount()) {
      union.context.pid = (int) ProcessHandle.current().pid();
      String failed = null;
      try (ReadFaults faults = ReadFaults.of(number, errno)) {
        outcome = outcome(operation, union);
        failed = faults.failed().orElse(null);
      }
      if (number > 0 && failed == null) {
        return null;
      }
      where += failed == null ? "" : " of " + failed;
      if (number > 0) {
        runs++;
        judge(where, outcome, expected, errno);
        if (!outcome.equals(expected)) {
          // Linked files become separate at copy-up, which may have come before the failure.
          compare(
              where + ": after the failure", unlinked(reference.before()), unlinked(viewOf(union)));
          Outcome again = outcome(operation, union);
          if (!again.equals(expected)) {
            wrong.add(where + ": again " + again + ", expected " + expected);
          }
        }
      } else if (outcome.errno() != reference.errno()) {
        wrong.add(where + ": " + outcome + ", kernel errno " + reference.errno());
      }
      compare(where + ": merged", reference.after(), viewOf(union));
    }
    List<String> left = List.of(root.resolve("work/work").toFile().list());
    if (!left.isEmpty()) {
      wrong.add(where + ": left in the work directory: " + left);
    }
    if (InProcess.hasMoreDescriptors(descriptors)) {
      wrong.add(where + ": descriptors left");
    }
    compare(where + ": upper", reference.upper(), FaultView.of(new Tree(root.resolve("upper"))));
    Map<String, String> underKernel = throughKernel(operation, root.resolve("upper"));
    compare(where + ": under the kernel", reference.after(), underKernel);
    return outcome;
  }

  private static Outcome outcome(FaultOperation operation, InProcess union) {
    try {
      return new Outcome(operation.request().run(union), 0);
    } catch (ErrnoException e) {
      return new Outcome("", e.errno());
    }
  }

  private void judge(String where, Outcome outcome, Outcome expected, int errno) {
    if (outcome.equals(expected)) {
      counts.merge("right answer", 1, Integer::sum);
    } else if (outcome.errno() == errno) {
      counts.merge("the error", 1, Integer::sum);
    } else if (outcome.errno() != 0) {
      counts.merge("another error " + Errno.name(outcome.errno()), 1, Integer::sum);
      wrong.add(where + ": " + outcome);
    } else {
      counts.merge("wrong answer", 1, Integer::sum);
      wrong.add(where + ": " + outcome + ", expected " + expected);
    }
  }

  private static Map<String, String> viewOf(InProcess union) {
    try {
      return FaultView.of(union);
    } catch (ErrnoException e) {
      return Map.of("", e.getMessage());
    }
  }

  /** Mounts the upper with kernel overlayfs, as a lower layer so that nothing is written. */
  private Map<String, String> throughKernel(FaultOperation operation, Path upper) {
    Path view = base.resolve("view");
    List<Path> layers = new ArrayList<>(List.of(upper));
    layers.addAll(lower(operation));
    FaultTree.mountKernel(view, layers, null, null, operation.metacopy());
    try {
      return FaultView.of(new Tree(view));
    } finally {
      FaultTree.unmount(view);
    }
  }

  private static Map<String, String> unlinked(Map<String, String> lines) {
    Map<String, String> all = new TreeMap<>(lines);
    all.replaceAll((path, line) -> line.replaceFirst(" links [0-9]+", ""));
    return all;
  }

  private void compare(String what, Map<String, String> expected, Map<String, String> actual) {
    Set<String> paths = new TreeSet<>(expected.keySet());
    paths.addAll(actual.keySet());
    for (String path : paths) {
      String one = expected.getOrDefault(path, "nothing");
      String other = actual.getOrDefault(path, "nothing");
      if (!one.equals(other)) {
        wrong.add(what + ": '" + path + "' is " + other + ", expected " + one);
      }
    }
  }

  private static void remove(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      List<Path> all = new ArrayList<>(files.toList());
      for (int i = all.size() - 1; i >= 0; i--) {
        Files.delete(all.get(i));
      }
    }
  }
}
