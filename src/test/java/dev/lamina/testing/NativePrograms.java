package dev.lamina.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The C programs of native-test/, which are compiled when a test first needs them. */
public final class NativePrograms {
  private static final Path SOURCES = Path.of("native-test").toAbsolutePath();
  private static final Map<String, Path> COMPILED = new ConcurrentHashMap<>();

  private NativePrograms() {}

  /** Returns the executable of {@code native-test/NAME.c}. */
  public static Path get(String name) {
    return COMPILED.computeIfAbsent(name, NativePrograms::compile);
  }

  private static Path compile(String name) {
    try {
      Path build = Files.createDirectories(SOURCES.resolve("build"));
      Path program = build.resolve(name);
      String source = SOURCES.resolve(name + ".c").toString();
      Commands.run(
              "gcc",
              "-std=gnu11",
              "-O1",
              "-Wall",
              "-Wextra",
              "-Werror",
              "-pthread",
              source,
              "-o",
              program.toString())
          .succeed();
      return program;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
