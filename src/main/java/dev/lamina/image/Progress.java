package dev.lamina.image;

/**
 * A listener for the progress of transfers. Several threads call it at once and often, so its
 * methods must be fast.
 */
public interface Progress {
  /** A listener that does nothing. */
  Progress NONE = new Progress() {};

  /** Called when a transfer begins. */
  default void started(Descriptor descriptor) {}

  /**
   * Called when a part has been transferred.
   *
   * @param position bytes transferred from the start of the content; smaller than before if a part
   *     has to be sent again
   */
  default void reached(Descriptor descriptor, long position) {}

  /** Called when a transfer has completed or failed. */
  default void finished(Descriptor descriptor) {}
}
