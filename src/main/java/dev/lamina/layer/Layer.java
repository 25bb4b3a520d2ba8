package dev.lamina.layer;

/**
 * A tree that takes part in a union. A layer provides entries, attributes and data. No code above
 * this package assumes that a layer is a directory of the host.
 */
public interface Layer extends AutoCloseable {
  /** Returns the root directory of the layer, which lives as long as the layer. */
  LayerDirectory root();

  /** Returns the position in the stack: 0 is the topmost layer. */
  int index();

  /** Returns the name that the user gave to the layer, for messages. */
  String description();

  @Override
  void close();
}
