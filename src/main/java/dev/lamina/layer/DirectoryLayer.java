package dev.lamina.layer;

/** A layer that is a directory of the host. */
public final class DirectoryLayer implements Layer {
  private final int index;
  private final boolean upper;
  private final String description;
  private final FdDirectory root;

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

  @Override
  public void close() {
    root.drop();
  }
}
