package dev.lamina.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the command line as bytes, because file names are bytes. The JVM decodes arguments with the
 * locale's charset, which loses the bytes that are not valid in it.
 */
final class RawArguments {
  private RawArguments() {}

  /**
   * Returns the last {@code count} arguments of this process, with a character for each byte
   * (ISO-8859-1).
   *
   * @throws IOException when /proc cannot be read
   */
  static String[] last(int count) throws IOException {
    byte[] line = Files.readAllBytes(Path.of("/proc/self/cmdline"));
    List<String> all = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < line.length; i++) {
      if (line[i] == 0) {
        all.add(new String(line, start, i - start, ISO_8859_1));
        start = i + 1;
      }
    }
    return all.subList(all.size() - count, all.size()).toArray(String[]::new);
  }
}
