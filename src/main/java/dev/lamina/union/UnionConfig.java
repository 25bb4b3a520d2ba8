package dev.lamina.union;

import java.util.List;

/**
 * What a union is made of. Paths are bytes, absolute or relative to the working directory.
 *
 * @param lower topmost first, at least one
 * @param upper null for a read-only union; then {@code work} is null too
 * @param work an empty directory on the upper's file system and mount
 * @param isVolatile nothing is written out to the disk for safety's sake; until a clean end the
 *     work directory is marked, so that no mount uses it after a crash
 * @param passthrough which files the kernel reads and writes by itself
 * @param overlaysAbove how many overlay file systems may be mounted over this one, each on the one
 *     before; -1 for as many as what is passed through leaves room for
 * @param xino where inode numbers tell file systems apart
 */
public record UnionConfig(
    List<byte[]> lower,
    byte[] upper,
    byte[] work,
    boolean isVolatile,
    PassthroughPolicy.Choice passthrough,
    int overlaysAbove,
    Xino xino) {
  /** Of {@link #overlaysAbove}. */
  public static final int MOST_OVERLAYS = 2;

  public UnionConfig {
    lower = List.copyOf(lower);
  }
}
