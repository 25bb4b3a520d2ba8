package dev.lamina.mount;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.ImageException;
import dev.lamina.image.file.HostPaths;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;

/** Starts commands of Lamina in processes of their own, which inherit standard error. */
public final class Launcher {
  /** The environment variable in which the launcher passes its own path. */
  private static final String VARIABLE = "LAMINA_LAUNCHER";

  public static final Redirect NO_INPUT = Redirect.from(Path.of("/dev/null").toFile());

  private Launcher() {}

  /**
   * Starts a command, whose output the caller reads.
   *
   * @param arguments have a character for each byte
   */
  public static Process start(Path storeRoot, List<String> arguments, Redirect input)
      throws IOException {
    if (System.getenv(VARIABLE) == null) {
      throw new ImageException("start Lamina with its launcher, scripts/lamina");
    }
    // The terminal's signals must not reach it: the process that starts it ends it.
    StringBuilder command = new StringBuilder("exec setsid \"$" + VARIABLE + "\"");
    command.append(' ').append(quoted("--root=" + HostPaths.text(storeRoot)));
    arguments.forEach(argument -> command.append(' ').append(quoted(argument)));
    return new ProcessBuilder("bash", "-c", command.toString())
        .redirectInput(input)
        .redirectError(Redirect.INHERIT)
        .start();
  }

  /** Quotes each byte by its number: Java would encode characters beyond ASCII for the locale. */
  private static String quoted(String bytes) {
    StringBuilder word = new StringBuilder("$'");
    for (byte b : bytes.getBytes(ISO_8859_1)) {
      word.append(String.format("\\x%02x", b));
    }
    return word.append('\'').toString();
  }
}
