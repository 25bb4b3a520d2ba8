package dev.lamina.cli;

import dev.lamina.image.store.RunPlace;
import dev.lamina.image.store.RunPlaces;
import dev.lamina.run.AbandonedRun;
import java.io.IOException;

/**
 * What {@code lamina run} leaves when it is killed: its mount and, with {@code --rm}, what was
 * changed; the runtime's record of a container. A container that has outlived it stays as it is.
 */
final class AbandonedRuns {
  private final RunPlaces runs;

  AbandonedRuns(RunPlaces runs) {
    this.runs = runs;
  }

  /** Removes what nobody uses. What cannot be removed stays for the next time. */
  void remove() throws IOException {
    for (RunPlace place : runs.abandoned()) {
      try (place) {
        AbandonedRun run =
            new AbandonedRun(place.id(), place.directory(), place.notes(), place.begun());
        if (!run.isInhabited() && run.remove()) {
          runs.end(place, false);
        }
      } catch (IOException e) {
        Console.error(e.getMessage());
      }
    }
  }
}
