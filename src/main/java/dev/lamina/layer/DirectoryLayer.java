package dev.lamina.layer;

import java.util.concurrent.atomic.AtomicInteger;

/** A layer that is a directory of the host. */
public final class DirectoryLayer implements Layer {
  private final int index;
  private final boolean upper;
  private final String description;
  private final FdDirectory root;

  /** The number of objects that are kept open although their names were removed. */
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

  /** Returns true for the upper, the only layer that is written. */
  public boolean isUpper() {
    return upper;
  }

  /** Returns true while an object without a name is kept open, and so its space is in use. */
  public boolean keepsNameless() {
    return nameless.get() > 0;
  }

  /** Called by directories when an object has lost its name, or is finally closed. */
  void countNameless(int change) {
    nameless.addAndGet(change);
  }

  @Override
  public void close() {
    root.drop();
  }
}
