package dev.lamina.image.transfer;

import dev.lamina.image.ImageException;
import dev.lamina.image.file.HostPaths;
import dev.lamina.layer.DescriptorCache;
import dev.lamina.layer.DirectoryLayer;
import dev.lamina.layer.Layer;
import dev.lamina.layer.LayerStack;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Opens layers of the store to read them without a mount. */
public final class OpenLayers {
  private static final int DESCRIPTORS = 512;

  private OpenLayers() {}

  /**
   * Opens directories as a stack of layers.
   *
   * @param trees topmost first
   * @return the caller's to close
   */
  public static LayerStack of(List<Path> trees) throws ImageException {
    DescriptorCache cache = new DescriptorCache(DESCRIPTORS);
    List<Layer> layers = new ArrayList<>();
    for (Path tree : trees) {
      byte[] path = HostPaths.bytes(tree);
      int fd = Linux.openat(Linux.AT_FDCWD, path, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY, 0);
      if (fd < 0) {
        layers.forEach(Layer::close);
        throw new ImageException("cannot open " + tree + ": " + Errno.message(-fd));
      }
      layers.add(new DirectoryLayer(layers.size(), false, tree.toString(), fd, cache));
    }
    return new LayerStack(layers);
  }
}
