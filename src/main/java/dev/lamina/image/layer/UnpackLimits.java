package dev.lamina.image.layer;

import dev.lamina.image.ImageException;

/**
 * What a layer may take, so that a small archive cannot fill a disk (a decompression bomb).
 *
 * @param bytes of the archive without its compression, and of all files' sizes, holes included
 * @param entries in the archive
 * @param devices whether there may be devices in it
 */
public record UnpackLimits(long bytes, long entries, boolean devices) {
  /** More than any image that was meant to be used. */
  public static final UnpackLimits DEFAULT = new UnpackLimits(256L << 30, 20_000_000, true);

  void checkBytes(long found) throws ImageException {
    if (found > bytes) {
      throw new ImageException(
          "it is larger than " + bytes + " bytes without compression, which is the limit");
    }
  }

  void checkEntries(long found) throws ImageException {
    if (found > entries) {
      throw new ImageException("it has more than " + entries + " entries, which is the limit");
    }
  }
}
