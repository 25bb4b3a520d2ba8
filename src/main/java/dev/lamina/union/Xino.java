package dev.lamina.union;

/**
 * Where inode numbers tell the file systems of the layers apart: overlayfs's option of that name.
 */
public enum Xino {
  /**
   * Below 2^32 only. A number without room there is shown as it is, and may be another's as well.
   */
  OFF,

  /** Below 2^32 where there is room, else in the upper 16 bits. */
  AUTO,

  /** In the upper 16 bits. */
  ON
}
