package dev.lamina.differential;

import dev.lamina.sys.Linux;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Sandbox;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Runs many scenarios, shrinks those that fail, and sums up. */
final class DifferentialRun {
  /** One in so many scenarios has a remount in its middle, as mounting is what takes time. */
  private static final int REMOUNT_EVERY = 4;

  /**
   * How much to run.
   *
   * @param seed of the first scenario; the others follow from it
   * @param operations of all scenarios together
   * @param maxFailures after so many no further scenario begins
   * @param shrinkTime for each failure
   */
  record Plan(long seed, int scenarios, int operations, int maxFailures, Duration shrinkTime) {
    /** The seed of a scenario: itself for the first, so that one can be run again alone. */
    long seedOf(int scenario) {
      return seed + scenario;
    }
  }

  /** What came out. */
  record Summary(
      int operations,
      int succeeded,
      int scenarios,
      Map<String, Integer> allowed,
      List<String> failures,
      double seconds) {
    /** One line. */
    String print() {
      return String.format(
          "differential: %d operations (%d%% successful) in %d sequences, %d failed, differences allowed: %s,"
              + " %.1f s",
          operations,
          100L * succeeded / Math.max(1, operations),
          scenarios,
          failures.size(),
          allowed.isEmpty() ? "none" : allowed.toString(),
          seconds);
    }
  }

  private final Setup setup;
  private final Plan plan;
  private final AtomicInteger next = new AtomicInteger();
  private final Map<String, Integer> allowed = new TreeMap<>();
  private final List<String> failures = new ArrayList<>();
  private int operations;
  private int succeeded;
  private int scenarios;

  DifferentialRun(Setup setup, Plan plan) {
    this.setup = setup;
    this.plan = plan;
  }

  /** Runs on all processors; each scenario has its own thread and umask. */
  Summary run() {
    loadClasses();
    long start = System.nanoTime();
    try (Sandbox sandbox = new Sandbox()) {
      Path base = withoutAccessTimes(sandbox);
      List<Thread> threads = new ArrayList<>();
      List<Throwable> errors = new ArrayList<>();
      int count = Math.min(Runtime.getRuntime().availableProcessors(), plan.scenarios());
      for (int i = 0; i < count; i++) {
        Thread thread = new Thread(() -> runScenarios(base), "scenarios-" + i);
        thread.setUncaughtExceptionHandler(
            (t, e) -> {
              synchronized (errors) {
                errors.add(e);
              }
            });
        thread.start();
        threads.add(thread);
      }
      for (Thread thread : threads) {
        thread.join();
      }
      synchronized (errors) {
        if (!errors.isEmpty()) {
          throw new AssertionError(errors.get(0));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    synchronized (this) {
      return new Summary(operations, succeeded, scenarios, allowed, failures, seconds);
    }
  }

  /**
   * The threads act as other users, who need not be able to read the class files: a checkout may
   * lie in a directory of root's alone.
   */
  private static void loadClasses() {
    for (Class<?> one : List.of(DifferentialRun.class, Linux.class)) {
      try {
        Path classes = Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
        try (Stream<Path> files = Files.walk(classes)) {
          List<String> names =
              files
                  .map(file -> classes.relativize(file).toString().replace('/', '.'))
                  .filter(
                      name ->
                          name.matches("dev\\.lamina\\.(differential|testing|sys)\\..*\\.class"))
                  .map(name -> name.substring(0, name.length() - ".class".length()))
                  .toList();
          for (String name : names) {
            Class.forName(name, false, DifferentialRun.class.getClassLoader());
          }
        }
      } catch (IOException | URISyntaxException | ClassNotFoundException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** A bind mount with noatime: the harness's own reading must not show in the layers. */
  private static Path withoutAccessTimes(Sandbox sandbox) {
    Path base = sandbox.directory("scenarios");
    String name = base.toString();
    Commands.run("mount", "--bind", name, name).succeed();
    Commands.run("mount", "-o", "remount,bind,noatime", name).succeed();
    return base;
  }

  private void runScenarios(Path base) {
    for (int i = next.getAndIncrement();
        i < plan.scenarios() && mayGoOn();
        i = next.getAndIncrement()) {
      long seed = plan.seedOf(i);
      int length = plan.operations() / plan.scenarios();
      int remounts = Math.floorMod(seed, REMOUNT_EVERY) == 0 ? 1 : 0;
      Scenario scenario = Scenario.generate(seed, length, remounts, setup.abilities());
      ScenarioRun.Result result = WorkerThread.run(scenario, setup, Extent.ALL, base);
      count(result);
      if (result.difference() != null) {
        report(scenario, result, base);
      }
    }
  }

  private synchronized boolean mayGoOn() {
    return failures.size() < plan.maxFailures();
  }

  private synchronized void count(ScenarioRun.Result result) {
    scenarios++;
    operations += result.operations();
    succeeded += result.succeeded();
    result.allowed().forEach((name, count) -> allowed.merge(name, count, Integer::sum));
  }

  private void report(Scenario scenario, ScenarioRun.Result result, Path base) {
    Difference difference = result.difference();
    StringBuilder text = new StringBuilder();
    text.append(setup.subject()).append(" differs from ").append(setup.reference()).append('\n');
    ScenarioShrinker.Shrunk shrunk = new ScenarioShrinker.Shrunk(scenario, difference, 0);
    if (!difference.kind().equals(WorkerThread.HANG_KIND)) {
      Extent extent = Extent.of(difference);
      ScenarioShrinker shrinker =
          new ScenarioShrinker(s -> WorkerThread.run(s, setup, extent, base).difference());
      // What was not reached is not needed.
      List<Operation> reached =
          result.operations() == 0
              ? scenario.operations()
              : scenario.operations().subList(0, result.operations());
      shrunk = shrinker.shrink(scenario.withOperations(reached), difference, plan.shrinkTime());
    }
    text.append(shrunk.scenario().print());
    text.append("first difference (")
        .append(scenario.operations().size())
        .append(" operations shrunk to ")
        .append(shrunk.scenario().operations().size())
        .append(" in ")
        .append(shrunk.attempts())
        .append(" attempts)\n")
        .append(shrunk.difference())
        .append('\n');
    synchronized (this) {
      failures.add(text.toString());
    }
  }
}
