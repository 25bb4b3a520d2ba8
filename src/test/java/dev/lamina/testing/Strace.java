package dev.lamina.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Runs strace(1) on all threads of a daemon, to record its system calls or to make them fail. */
public final class Strace {
  private Strace() {}

  /**
   * Attaches to every thread, runs an action, and detaches; the daemon continues.
   *
   * @param output the file for the trace
   * @param options further options of strace
   */
  public static void during(Runnable work, Daemon daemon, Path output, String... options) {
    List<String> command = new ArrayList<>(List.of("strace", "-f", "-q", "-o", output.toString()));
    command.addAll(List.of(options));
    command.addAll(List.of("-p", Long.toString(daemon.pid())));
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      try {
        Waiting.until("strace is attached", () -> tracesAll(daemon) || !process.isAlive());
        if (!process.isAlive()) {
          throw new AssertionError("strace refuses: " + command);
        }
        work.run();
      } finally {
        end(process);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean tracesAll(Daemon daemon) {
    try (Stream<Path> threads = Files.list(daemon.proc("task"))) {
      return threads.allMatch(Strace::isTraced);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isTraced(Path thread) {
    try {
      return Files.readAllLines(thread.resolve("status")).stream()
          .anyMatch(line -> line.matches("TracerPid:\\s+[1-9]\\d*"));
    } catch (IOException e) {
      // The thread has ended after it was listed.
      return true;
    }
  }

  private static void end(Process process) {
    process.destroy();
    try {
      Waiting.untilEnd("strace", process);
    } finally {
      process.destroyForcibly();
    }
  }
}
