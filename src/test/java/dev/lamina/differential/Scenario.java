package dev.lamina.differential;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Layers and what is done on top of them.
 *
 * @param seed what it was made from
 * @param layers topmost first; {@link LayerRules} hold
 */
record Scenario(long seed, List<List<LayerEntry>> layers, List<Operation> operations) {
  Scenario {
    layers = LayerRules.apply(layers);
    operations = List.copyOf(operations);
  }

  /** Makes up a scenario; equal arguments give an equal one. */
  static Scenario generate(long seed, int operations, int remounts, Abilities abilities) {
    SplittableRandom random = new SplittableRandom(seed);
    List<String> names = Names.choose(random.split());
    boolean namedAcls = abilities.namedAcls() || random.split().nextBoolean();
    boolean users = abilities.namedAcls() || !namedAcls;
    List<List<LayerEntry>> layers = new LayerGenerator(random.split(), names, namedAcls).layers();
    OperationGenerator generator =
        new OperationGenerator(
            random.split(), names, layers, abilities.renameFlags(), namedAcls, users);
    return new Scenario(seed, layers, generator.sequence(operations, remounts));
  }

  Scenario withOperations(List<Operation> others) {
    return new Scenario(seed, layers, others);
  }

  Scenario withLayers(List<List<LayerEntry>> others) {
    return new Scenario(seed, others, operations);
  }

  /** A script for people: the layers, then an operation a line. */
  String print() {
    StringBuilder text = new StringBuilder("seed " + seed + "\n");
    for (int i = 0; i < layers.size(); i++) {
      text.append("layer ").append(i).append(i == 0 ? " (topmost)\n" : "\n");
      layers.get(i).forEach(entry -> text.append("    ").append(entry).append('\n'));
    }
    text.append("operations\n");
    for (int i = 0; i < operations.size(); i++) {
      text.append(String.format("%5d  %s%n", i + 1, operations.get(i)));
    }
    return text.toString();
  }
}
