package dev.lamina.mount;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.ImageException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Pulls an image in a process of its own: the Java of that one is set up for much work in a short
 * time, the daemon's for being small and lasting.
 */
final class PullProcess {
  private PullProcess() {}

  /**
   * Runs a command that pulls, and ends it when this process ends first.
   *
   * @return what the command printed: the digest of the image's manifest
   */
  static String run(Path storeRoot, List<String> command) throws IOException {
    AtomicReference<Process> started = new AtomicReference<>();
    Thread end =
        new Thread(
            () -> {
              if (started.get() != null) {
                started.get().destroy();
              }
            });
    Runtime.getRuntime().addShutdownHook(end);
    Process process = Launcher.start(storeRoot, command, Redirect.INHERIT);
    started.set(process);
    try {
      String digest = new String(process.getInputStream().readAllBytes(), ISO_8859_1).strip();
      if (process.waitFor() != 0) {
        throw new ImageException("cannot pull the image");
      }
      Runtime.getRuntime().removeShutdownHook(end);
      return digest;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }
}
