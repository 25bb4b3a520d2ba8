package dev.lamina.union;

import dev.lamina.union.data.PassthroughPolicy;
import dev.lamina.union.inode.Xino;
import java.util.List;

/**
 * The configuration of a union. Paths are bytes, absolute or relative to the working directory.
 *
 * @param lower the lower layers, topmost first, at least one
 * @param upper the upper directory; null for a read-only union, whose {@code work} is null too
 * @param work an empty directory on the upper's file system and mount
 * @param isVolatile whether nothing is explicitly written to stable storage. The work directory is
 *     marked until the mount ends cleanly, so that no mount uses it after a crash.
 * @param passthrough which files the kernel reads and writes by itself
 * @param overlaysAbove the number of overlay file systems that may be mounted over this one, each
 *     on the previous one; -1 for as many as passthrough leaves room for
 * @param xino which bits of inode numbers tell file systems apart
 */
public record UnionConfig(
    List<byte[]> lower,
    byte[] upper,
    byte[] work,
    boolean isVolatile,
    PassthroughPolicy.Choice passthrough,
    int overlaysAbove,
    Xino xino) {
  /** The largest value of {@link #overlaysAbove}. */
  public static final int MOST_OVERLAYS = 2;

  public UnionConfig {
    lower = List.copyOf(lower);
  }
}
