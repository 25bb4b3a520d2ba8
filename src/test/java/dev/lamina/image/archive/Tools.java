package dev.lamina.image.archive;

import dev.lamina.testing.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Tools that exchange images with Lamina. A test fails if one of them is not installed. */
public final class Tools {
  private Tools() {}

  public static String run(String... command) {
    return Commands.run(command).succeed().out();
  }

  public static String skopeo(String... arguments) {
    return with("skopeo", arguments);
  }

  public static String umoci(String... arguments) {
    return with("umoci", arguments);
  }

  /**
   * Runs podman with a store of its own in a directory and a storage driver that needs no mounts.
   *
   * @param run a directory with a short path
   */
  public static String podman(Path store, Path run, String... arguments) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "--root",
                store.resolve("root").toString(),
                "--runroot",
                run.toString(),
                "--storage-driver",
                "vfs",
                "--events-backend",
                "none"));
    all.addAll(List.of(arguments));
    return with("podman", all.toArray(new String[0]));
  }

  private static String with(String tool, String... arguments) {
    List<String> command = new ArrayList<>(List.of(tool));
    command.addAll(List.of(arguments));
    return run(command.toArray(new String[0]));
  }

  /**
   * Makes a layout with umoci: the image {@code two} of two layers with a configuration, and {@code
   * one}, which consists of its lower layer.
   *
   * @return the layout's directory
   */
  public static Path layout(Path directory) throws IOException {
    Path tree = Files.createDirectories(directory.resolve("tree"));
    byte[] noise = new byte[300_000];
    new Random(4).nextBytes(noise);
    Files.write(tree.resolve("noise"), noise);
    Files.writeString(tree.resolve("text"), "a text\n".repeat(10_000));
    String layout = directory.resolve("layout").toString();
    umoci("init", "--layout", layout);
    umoci("new", "--image", layout + ":base");
    umoci("insert", "--image", layout + ":base", "--tag", "one", tree.toString(), "/data");
    umoci("insert", "--image", layout + ":one", "--tag", "two", tree + "/text", "/other");
    umoci("config", "--image", layout + ":two", "--config.env", "A=b", "--config.cmd", "/bin/sh");
    return Path.of(layout);
  }
}
