package dev.lamina.testing;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a union is made of.
 *
 * @param lower topmost first
 * @param upper null for a read-only mount
 * @param work on the upper's file system; null without an upper
 */
public record Layers(List<Path> lower, Path upper, Path work) {
  /** As mount options; the paths must hold no character that would need an escape. */
  public String options() {
    String lowers = lower.stream().map(Path::toString).collect(Collectors.joining(":"));
    return "lowerdir=" + lowers + (upper == null ? "" : ",upperdir=" + upper + ",workdir=" + work);
  }
}
