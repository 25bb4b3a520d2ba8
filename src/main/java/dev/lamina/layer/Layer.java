package dev.lamina.layer;

/**
 * A tree that takes part in a union. A layer is asked for entries, attributes and data; nothing
 * above this package assumes that a directory of the host lies behind it.
 */
public interface Layer extends AutoCloseable {
  /** The layer's root directory; it lives as long as the layer. */
  LayerDirectory root();

  /** Place in the stack: 0 is the topmost. */
  int index();

  /** What the user called it, for messages. */
  String description();

  @Override
  void close();
}
