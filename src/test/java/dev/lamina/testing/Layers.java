package dev.lamina.testing;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The directories that a union consists of.
 *
 * @param lower the lower layers, topmost first
 * @param upper the upper; null for a read-only mount
 * @param work the work directory on the upper's file system; null without an upper
 */
public record Layers(List<Path> lower, Path upper, Path work) {
  /** Returns the mount options. No path may contain a character that has to be escaped. */
  public String options() {
    String lowers = lower.stream().map(Path::toString).collect(Collectors.joining(":"));
    return "lowerdir=" + lowers + (upper == null ? "" : ",upperdir=" + upper + ",workdir=" + work);
  }
}
