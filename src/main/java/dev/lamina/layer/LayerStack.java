package dev.lamina.layer;

import java.util.List;

/** The layers of one mount, topmost first; the first may be the upper. */
public final class LayerStack implements AutoCloseable {
  private final List<Layer> layers;

  /** Takes ownership of the layers. */
  public LayerStack(List<Layer> layers) {
    this.layers = List.copyOf(layers);
  }

  public int size() {
    return layers.size();
  }

  public Layer get(int index) {
    return layers.get(index);
  }

  /**
   * Returns the root directories of all layers from {@code index} on, each with a reference for the
   * caller.
   */
  public LayerDirectory[] roots(int index) {
    LayerDirectory[] roots = new LayerDirectory[layers.size() - index];
    for (int i = 0; i < roots.length; i++) {
      roots[i] = layers.get(index + i).root().retain();
    }
    return roots;
  }

  @Override
  public void close() {
    layers.forEach(Layer::close);
  }
}
