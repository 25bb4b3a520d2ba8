package dev.lamina.image.registry;

import dev.lamina.image.Descriptor;

/**
 * Is told how far contents have been transferred, by the threads that transfer them, several at
 * once and often: what it does must be quick.
 */
public interface Progress {
  /** Tells nobody. */
  Progress NONE = new Progress() {};

  default void started(Descriptor descriptor) {}

  /**
   * @param position bytes from the start of the contents that are there; less than before when a
   *     part has to be sent again
   */
  default void reached(Descriptor descriptor, long position) {}

  /** No more comes of it: it is whole, or was given up. */
  default void finished(Descriptor descriptor) {}
}
