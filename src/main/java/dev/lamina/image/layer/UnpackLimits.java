package dev.lamina.image.layer;

import dev.lamina.image.ImageException;

/**
 * The limits for a layer, so that a small archive cannot fill a disk (a decompression bomb).
 *
 * @param bytes the limit on the size of the uncompressed archive, and on the sum of the sizes of
 *     all files, holes included
 * @param entries the limit on entries in the archive and on directories that are made without one
 * @param devices whether devices are allowed
 */
public record UnpackLimits(long bytes, long entries, boolean devices) {
  /** Limits that no image exceeds that was meant to be used. */
  public static final UnpackLimits DEFAULT = new UnpackLimits(256L << 30, 20_000_000, true);

  void checkBytes(long found) throws ImageException {
    if (found > bytes) {
      throw new ImageException(
          "it is larger than " + bytes + " bytes uncompressed, which is the limit");
    }
  }

  void checkEntries(long found) throws ImageException {
    if (found > entries) {
      throw new ImageException("it has more than " + entries + " entries, which is the limit");
    }
  }
}
