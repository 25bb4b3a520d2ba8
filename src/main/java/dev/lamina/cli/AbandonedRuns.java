package dev.lamina.cli;

import dev.lamina.image.store.RunPlace;
import dev.lamina.image.store.RunPlaces;
import dev.lamina.run.AbandonedRun;
import java.io.IOException;

/**
 * Removes what a killed {@code lamina run} has left: its mount, with {@code --rm} its changes, and
 * the runtime's record of the container. A container that still runs is left alone.
 */
final class AbandonedRuns {
  private final RunPlaces runs;

  AbandonedRuns(RunPlaces runs) {
    this.runs = runs;
  }

  /** Removes what no container uses any more. What cannot be removed is tried again next time. */
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
