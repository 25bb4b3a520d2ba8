package dev.lamina.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShrinkerTest {
  private static final List<Integer> HUNDRED = IntStream.range(0, 100).boxed().toList();

  private static Shrinker withTime() {
    return new Shrinker(System.nanoTime() + Duration.ofMinutes(1).toNanos());
  }

  @Test
  void keepsOnlyWhatIsNeeded() {
    List<Integer> needed = List.of(3, 50, 51, 99);
    int[] attempts = new int[1];
    List<Integer> shrunk =
        withTime()
            .shrink(
                HUNDRED,
                part -> {
                  attempts[0]++;
                  return part.containsAll(needed);
                });
    assertEquals(needed, shrunk);
    assertTrue(attempts[0] < 200, "attempts: " + attempts[0]);
  }

  @Test
  void keepsTheOrder() {
    List<Integer> shrunk =
        withTime().shrink(HUNDRED, part -> part.stream().filter(i -> i % 2 == 1).count() >= 3);
    assertEquals(3, shrunk.size());
    assertEquals(shrunk.stream().sorted().collect(Collectors.toList()), shrunk);
  }

  @Test
  void shrinksToNothingWhenNothingIsNeeded() {
    assertEquals(List.of(), withTime().shrink(HUNDRED, part -> true));
  }

  @Test
  void stopsWhenTheTimeIsOver() {
    Shrinker shrinker = new Shrinker(System.nanoTime() - 1);
    assertEquals(
        HUNDRED,
        shrinker.shrink(
            HUNDRED,
            part -> {
              throw new AssertionError("tried after the deadline");
            }));
  }

  @Test
  void aScenarioIsShrunkInItsOperationsAndItsLayers() {
    Scenario scenario = Scenario.generate(4, 60, 1, Abilities.ALL);
    Operation needed = scenario.operations().get(30);
    Difference difference = new Difference("Mkdir", "", "result", "0", "EIO");
    ScenarioShrinker.Shrunk shrunk =
        new ScenarioShrinker(s -> s.operations().contains(needed) ? difference : null)
            .shrink(scenario, difference, Duration.ofMinutes(1));
    assertEquals(List.of(needed), shrunk.scenario().operations());
    assertEquals(List.of(List.of()), shrunk.scenario().layers());
  }

  @Test
  void anotherDifferenceDoesNotTakeTheFirstOnesPlace() {
    Scenario scenario = Scenario.generate(4, 20, 0, Abilities.ALL);
    Difference difference = new Difference("Mkdir", "", "result", "0", "EIO");
    Difference other = new Difference("tree", "", "mode", "0644", "0600");
    ScenarioShrinker.Shrunk shrunk =
        new ScenarioShrinker(s -> s.operations().size() > 5 ? difference : other)
            .shrink(scenario, difference, Duration.ofMinutes(1));
    assertEquals(6, shrunk.scenario().operations().size());
    assertEquals(difference, shrunk.difference());
  }
}
