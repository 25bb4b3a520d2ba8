package dev.lamina.behaviour;

import dev.lamina.testing.Commands;
import dev.lamina.testing.Mounter;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The {@code lamina} command as a user runs it. */
final class Lamina {
  /** For {@link Commands#run}. */
  static final Duration TIMEOUT = Waiting.HANG;

  private Lamina() {}

  /** Absolute path of the program. */
  static String program() {
    return Path.of("scripts/lamina").toAbsolutePath().toString();
  }

  static Commands.Result run(String... arguments) {
    List<String> command = new ArrayList<>(List.of(program()));
    command.addAll(List.of(arguments));
    return Commands.run(TIMEOUT, command.toArray(String[]::new));
  }

  /** {@code lamina mount} over the mounter's transport, with these arguments after it. */
  static List<String> mountCommand(Mounter mounter, String... arguments) {
    List<String> command = new ArrayList<>(mounter.command());
    command.set(0, program());
    command.addAll(List.of(arguments));
    return command;
  }

  static Commands.Result mount(Mounter mounter, String... arguments) {
    return Commands.run(TIMEOUT, mountCommand(mounter, arguments).toArray(String[]::new));
  }

  static boolean isMounted(Path mountPoint) {
    return Sandbox.mountsBelow(mountPoint).contains(mountPoint);
  }
}
