package dev.lamina.testing;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs programs, each with a time-out that kills the program and all its descendants. */
public final class Commands {
  private Commands() {}

  /** The exit status of a program and everything it printed, bytes as ISO-8859-1. */
  public record Result(List<String> command, int status, String out, String err) {
    /** Fails the test unless the program exited with 0. */
    public Result succeed() {
      if (status != 0) {
        throw new AssertionError(
            String.join(" ", command) + " exited with " + status + "\n" + out + err);
      }
      return this;
    }
  }

  public static Result run(String... command) {
    return run(Waiting.HANG, command);
  }

  public static Result run(ProcessBuilder builder) {
    return run(Waiting.HANG, builder);
  }

  /** Runs a program to its end. If it exceeds the time-out, it is killed and the test fails. */
  public static Result run(Duration timeout, String... command) {
    return run(timeout, new ProcessBuilder(command));
  }

  public static Result run(Duration timeout, ProcessBuilder builder) {
    try {
      Process process = builder.redirectInput(ProcessBuilder.Redirect.from(devNull())).start();
      Collector out = new Collector(process.getInputStream());
      Collector err = new Collector(process.getErrorStream());
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        kill(process);
        throw new Waiting.Hang(String.join(" ", builder.command()) + " ends", timeout);
      }
      // A daemon that keeps the pipe open must not block the test, so reading has a time-out as
      // well.
      return new Result(builder.command(), process.exitValue(), out.text(), err.text());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Kills a process and its descendants. */
  public static void kill(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private static File devNull() {
    return new File("/dev/null");
  }

  private static final class Collector extends Thread {
    private final InputStream stream;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Collector(InputStream stream) {
      this.stream = stream;
      setDaemon(true);
      start();
    }

    @Override
    public void run() {
      byte[] buffer = new byte[8192];
      // The pipe is closed when the program ends, because tests count descriptors.
      try (stream) {
        for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
          synchronized (bytes) {
            bytes.write(buffer, 0, n);
          }
        }
      } catch (IOException e) {
        // The program was killed; its output up to then is returned.
        return;
      }
    }

    String text() {
      Waiting.untilEnd("the output of a program that has ended", this);
      synchronized (bytes) {
        return bytes.toString(StandardCharsets.ISO_8859_1);
      }
    }
  }
}
