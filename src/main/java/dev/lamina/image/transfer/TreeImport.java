package dev.lamina.image.transfer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lamina.image.History;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.Platform;
import dev.lamina.image.archive.ImageLocation;
import dev.lamina.image.compress.Compression;
import dev.lamina.image.layer.LayerCompression;
import dev.lamina.image.layer.TarOptions;
import dev.lamina.image.layer.TreeTar;
import dev.lamina.image.layer.WrittenLayer;
import dev.lamina.image.store.Images;
import dev.lamina.image.store.NewLayer;
import dev.lamina.image.store.StoredImage;
import dev.lamina.layer.LayerStack;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Makes images of one layer from root file systems, which are directories or tars. */
public final class TreeImport {
  private final Images images;
  private final Platform platform;
  private final Consumer<String> warnings;

  /**
   * @param platform null for this machine's
   * @param warnings gets what users should know about objects that are left out, a line at a time
   */
  public TreeImport(Images images, Platform platform, Consumer<String> warnings) {
    this.images = images;
    this.platform = platform == null ? Platform.host() : platform;
    this.warnings = warnings;
  }

  /**
   * Makes an image.
   *
   * @param location of a directory or a tar
   * @param name that the image gets; null for none
   * @param changes to the configuration, as docker import takes them
   */
  public StoredImage importTree(ImageLocation location, String name, List<String> changes)
      throws IOException {
    Images.checkName(name);
    try (NewLayer layer = images.newLayer(LayerCompression.GZIP)) {
      if (Files.isDirectory(location.path())) {
        pack(location.path(), layer);
      } else {
        unpack(location.path(), layer);
      }
      return base(layer.commit(), location, name, changes);
    }
  }

  private void pack(Path directory, NewLayer layer) throws IOException {
    try (LayerStack stack = OpenLayers.of(List.of(directory))) {
      new TreeTar(stack, new TarOptions(warnings)).writeTo(layer.tar());
    }
  }

  private static void unpack(Path archive, NewLayer layer) throws IOException {
    try (InputStream file = Files.newInputStream(archive);
        InputStream tar = Compression.decompressed(file)) {
      tar.transferTo(layer.tar());
    }
  }

  private StoredImage base(
      WrittenLayer layer, ImageLocation location, String name, List<String> changes)
      throws IOException {
    // Each character of a location is a byte; documents are text.
    String origin = new String(location.toString().getBytes(ISO_8859_1), UTF_8);
    History step = new History(CreationTime.text(), "lamina import " + origin, null, null, false);
    ImageConfig config = ImageConfig.empty(platform).withLayer(layer.diffId(), step, null);
    // Unpacking it now shows whether it can be unpacked, before anybody needs it.
    return images.add(
        ConfigChanges.apply(config, changes), List.of(layer.descriptor()), name, true);
  }
}
