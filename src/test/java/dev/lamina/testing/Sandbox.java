package dev.lamina.testing;

import dev.lamina.sys.Mounts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A directory for one test. Closing it lazily unmounts everything mounted in it and deletes it,
 * even after a failure.
 */
public final class Sandbox implements AutoCloseable {
  private final Path root;

  public Sandbox() {
    try {
      root = Files.createTempDirectory("lamina-test-").toRealPath();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  public Path root() {
    return root;
  }

  /** Creates a directory. */
  public Path directory(String name) {
    try {
      return Files.createDirectories(root.resolve(name));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Returns the mount points at or below a directory, innermost first. */
  public static List<Path> mountsBelow(Path directory) {
    try {
      String table =
          new String(Files.readAllBytes(Path.of("/proc/self/mounts")), StandardCharsets.ISO_8859_1);
      // Only a newline ends a line. proc(5) does not escape other characters that Java takes for
      // line ends.
      return Arrays.stream(table.split("\n"))
          .map(line -> unescape(line.split(" ")[1]))
          .filter(point -> point.equals("" + directory) || point.startsWith(directory + "/"))
          .map(Path::of)
          .sorted((a, b) -> Integer.compare(b.getNameCount(), a.getNameCount()))
          .toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String unescape(String field) {
    return Pattern.compile("\\\\([0-7]{3})")
        .matcher(field)
        .replaceAll(
            match -> Matcher.quoteReplacement("" + (char) Integer.parseInt(match.group(1), 8)));
  }

  @Override
  public void close() {
    for (Path point : mountsBelow(root)) {
      byte[] name = point.toString().getBytes(StandardCharsets.ISO_8859_1);
      Mounts.umount2(name, Mounts.MNT_DETACH | Mounts.UMOUNT_NOFOLLOW);
    }
    if (!mountsBelow(root).isEmpty()) {
      throw new AssertionError("still mounted: " + mountsBelow(root));
    }
    Commands.run(Duration.ofMinutes(5), "rm", "-rf", "--one-file-system", root.toString())
        .succeed();
  }
}
