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
 * A shell that ends the container and removes its files when this process dies before it has done
 * so, for instance by SIGKILL. The shell reads from a pipe and acts when it reads end-of-file.
 */
final class RunCleanup implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 10;

  /**
   * The script of the shell. $1 is the directory of the run, $2 the number of its mount points,
   * which follow; after them comes a command, which may be missing.
   */
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
   * Starts the shell.
   *
   * @param command ends the container and removes it from the runtime's records; may be empty
   */
  static RunCleanup start(RunDirectory runDirectory, List<String> command) throws RunException {
    var tools = Programs.need("to run a command", "setsid", "sh");
    List<String> line = new ArrayList<>();
    // In a session of its own it does not get the signals of the terminal.
    line.addAll(List.of(tools.get("setsid"), tools.get("sh"), "-c", SCRIPT, "sh"));
    line.add(runDirectory.directory().toString());
    line.add(Integer.toString(runDirectory.mountPoints().size()));
    for (Path point : runDirectory.mountPoints()) {
      line.add(point.toString());
    }
    line.addAll(command);
    // The shell must not hold the caller's standard output and error open: a reader may wait for
    // their end.
    try {
      return new RunCleanup(
          new ProcessBuilder(line)
              .redirectOutput(Redirect.DISCARD)
              .redirectError(Redirect.DISCARD)
              .directory(Path.of("/").toFile())
              .start());
    } catch (IOException e) {
      throw new RunException("cannot start a shell: " + e.getMessage(), e);
    }
  }

  /** Has the shell kill this process as well. */
  void watch(long pid) throws RunException {
    say(Long.toString(pid));
  }

  private void say(String line) throws RunException {
    try {
      pipe.write((line + "\n").getBytes(US_ASCII));
      pipe.flush();
    } catch (IOException e) {
      throw new RunException("the shell that cleans up after the run has ended too early", e);
    }
  }

  /** Tells the shell that nothing is left to do, and waits for its end. */
  @Override
  public void close() {
    try {
      say("done");
      pipe.close();
      if (process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        return;
      }
    } catch (IOException e) {
      // The shell has ended already.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
