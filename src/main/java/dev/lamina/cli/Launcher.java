package dev.lamina.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.HostPaths;
import dev.lamina.image.ImageException;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Commands of Lamina in processes of their own, with this one's standard error. */
final class Launcher {
  /** The launcher tells by what Lamina is started. */
  private static final String VARIABLE = "LAMINA_LAUNCHER";

  private Launcher() {}

  /**
   * Starts a command. It has no standard input, and its output is to be read.
   *
   * @param arguments words of ours, or bytes of users' as characters
   */
  static Process start(Path storeRoot, List<String> arguments) throws IOException {
    String launcher = System.getenv(VARIABLE);
    if (launcher == null) {
      throw new ImageException("run Lamina by its launcher, scripts/lamina");
    }
    List<String> words = new ArrayList<>();
    // Out of reach of the terminal's signals: whoever starts it ends it.
    words.add("setsid");
    words.add(launcher);
    words.add(decoded("--root=" + HostPaths.text(storeRoot)));
    arguments.forEach(argument -> words.add(decoded(argument)));
    return new ProcessBuilder(words)
        .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
        .redirectError(Redirect.INHERIT)
        .start();
  }

  /** For the arguments of another process, which Java encodes. */
  private static String decoded(String bytes) {
    return new String(bytes.getBytes(ISO_8859_1), Charset.defaultCharset());
  }
}
