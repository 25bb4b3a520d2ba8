package dev.lamina.layer;

import java.util.concurrent.atomic.AtomicInteger;

/** A layer that is a directory of the host. */
public final class DirectoryLayer implements Layer {
  private final int index;
  private final boolean upper;
  private final String description;
  private final FdDirectory root;

  /** Objects that lost their names and are kept open. */
  private final AtomicInteger nameless = new AtomicInteger();

  /**
   * @param rootFd an O_PATH descriptor of the root directory; ownership passes to the layer
   */
  public DirectoryLayer(
      int index, boolean upper, String description, int rootFd, DescriptorCache cache) {
    this.index = index;
    this.upper = upper;
    this.description = description;
    this.root = FdDirectory.root(this, cache, rootFd);
  }

  @Override
  public FdDirectory root() {
    return root;
  }

  @Override
  public int index() {
    return index;
  }

  @Override
  public String description() {
    return description;
  }

  /** True for the one layer that is written to. */
  public boolean isUpper() {
    return upper;
  }

  /** True while an object without a name is kept open, and with it the room that it takes. */
  public boolean keepsNameless() {
    return nameless.get() > 0;
  }

  /** For directories: an object has lost its name, or is closed for good. */
  void countNameless(int change) {
    nameless.addAndGet(change);
  }

  @Override
  public void close() {
    root.drop();
  }
}
