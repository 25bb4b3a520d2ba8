package dev.lamina.behaviour;

import dev.lamina.testing.Commands;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Podman with images of its own.
 *
 * @param root where they are
 * @param run of at most 50 bytes, which is all that podman takes
 */
record RoundTripPodman(Path root, Path run) {
  /** Runs a command, which must succeed, and returns what it printed. */
  String run(String... arguments) {
    List<String> command = new ArrayList<>(List.of("podman", "--root", root.toString()));
    command.addAll(List.of("--runroot", run.toString(), "--storage-driver", "overlay"));
    command.addAll(List.of("--events-backend", "none"));
    command.addAll(List.of(arguments));
    return Commands.run(Lamina.TIMEOUT, command.toArray(String[]::new)).succeed().out().trim();
  }

  /** Loads an archive of one image, the only one there is, and returns its ID. */
  String load(String archive) {
    run("load", "-q", "-i", archive);
    // A line for each of its names.
    return run("images", "--quiet", "--no-trunc").lines().findFirst().orElseThrow();
  }
}
