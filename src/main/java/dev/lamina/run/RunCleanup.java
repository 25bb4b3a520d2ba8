package dev.lamina.run;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A shell that ends the container and removes what it leaves when this process dies without doing
 * so, by SIGKILL for instance: it reads from a pipe, and finds its end.
 */
final class RunCleanup implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 10;

  /** $1: the run's directory; $2: how many of its mount points follow; then a command, or none. */
  private static final String SCRIPT =
      """
      directory=$1 count=$2 pids=
      shift 2
      while read -r line; do
        [ "$line" = done ] && exit
        pids="$pids $line"
      done
      while [ "$count" -gt 0 ]; do
        rmdir -- "$1" 2>&1 || keep=yes
        shift
        count=$((count - 1))
      done
      [ $# -eq 0 ] || "$@"
      [ -z "$pids" ] || kill -KILL $pids
      [ -n "$keep" ] || rm -rf -- "$directory"
      """;

  private final Process process;
  private final OutputStream pipe;

  private RunCleanup(Process process) {
    this.process = process;
    pipe = process.getOutputStream();
  }

  /**
   * @param command that ends the container and removes it; may be empty
   */
  static RunCleanup start(RunDirectory runDirectory, List<String> command) throws RunException {
    var tools = Programs.need("to run a command", "setsid", "sh");
    List<String> line = new ArrayList<>();
    // A session of its own, out of reach of the terminal's signals.
    line.addAll(List.of(tools.get("setsid"), tools.get("sh"), "-c", SCRIPT, "sh"));
    line.add(runDirectory.directory().toString());
    line.add(Integer.toString(runDirectory.mountPoints().size()));
    for (Path point : runDirectory.mountPoints()) {
      line.add(point.toString());
    }
    line.addAll(command);
    // Standard output and error are not the caller's: it may wait for their end.
    try {
      return new RunCleanup(
          new ProcessBuilder(line)
              .redirectOutput(Redirect.DISCARD)
              .redirectError(Redirect.DISCARD)
              .directory(Path.of("/").toFile())
              .start());
    } catch (IOException e) {
      throw new RunException("a shell cannot be started: " + e.getMessage(), e);
    }
  }

  /** From now on a process is to be killed, too. */
  void watch(long pid) throws RunException {
    say(Long.toString(pid));
  }

  private void say(String line) throws RunException {
    try {
      pipe.write((line + "\n").getBytes(US_ASCII));
      pipe.flush();
    } catch (IOException e) {
      throw new RunException("the shell that watches over the run has ended", e);
    }
  }

  /** Nothing is left to do. */
  @Override
  public void close() {
    try {
      say("done");
      pipe.close();
      if (process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        return;
      }
    } catch (IOException e) {
      // It has ended before.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
