package dev.lamina.union.inode;

/**
 * Decides which bits of an inode number tell the file systems of the layers apart (overlayfs's
 * option {@code xino}).
 */
public enum Xino {
  /** Bits below 2^32 only. A number without room there is shown as it is and may not be unique. */
  OFF,

  /** Bits below 2^32 if there is room, else the upper 16 bits. */
  AUTO,

  /** The upper 16 bits. */
  ON
}
