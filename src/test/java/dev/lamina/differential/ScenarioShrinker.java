package dev.lamina.differential;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Makes a failing scenario as small as the time allows: operations first, then the layers. */
final class ScenarioShrinker {
  /** A scenario and its first difference. */
  record Shrunk(Scenario scenario, Difference difference, int attempts) {}

  private final Function<Scenario, Difference> runner;
  private Scenario best;
  private Difference bestDifference;
  private int attempts;

  /**
   * @param runner runs a scenario from fresh layers; its first difference, or null
   */
  ScenarioShrinker(Function<Scenario, Difference> runner) {
    this.runner = runner;
  }

  /**
   * @param difference the one that {@code failing} has
   */
  Shrunk shrink(Scenario failing, Difference difference, Duration time) {
    best = failing;
    bestDifference = difference;
    Shrinker shrinker = new Shrinker(System.nanoTime() + time.toNanos());
    shrinker.shrink(failing.operations(), part -> fails(best.withOperations(part)));
    // Twice: an operation may be needed only for a layer's entry, and the other way round.
    shrinkLayers(shrinker);
    shrinker.shrink(best.operations(), part -> fails(best.withOperations(part)));
    return new Shrunk(best, bestDifference, attempts);
  }

  private void shrinkLayers(Shrinker shrinker) {
    for (int i = best.layers().size() - 1; i >= 0; i--) {
      int layer = i;
      shrinker.shrink(best.layers().get(i), part -> fails(withLayer(layer, part)));
      List<List<LayerEntry>> others = new ArrayList<>(best.layers());
      others.remove(layer);
      // A mount needs one lower layer.
      if (!others.isEmpty() && !shrinker.isOver()) {
        fails(best.withLayers(others));
      }
    }
  }

  private Scenario withLayer(int index, List<LayerEntry> layer) {
    List<List<LayerEntry>> layers = new ArrayList<>(best.layers());
    layers.set(index, layer);
    return best.withLayers(layers);
  }

  /** Whether a scenario shows the same difference; if it does, it is the best so far. */
  private boolean fails(Scenario scenario) {
    attempts++;
    Difference difference = runner.apply(scenario);
    if (!bestDifference.isLike(difference)) {
      return false;
    }
    best = scenario;
    bestDifference = difference;
    return true;
  }
}
