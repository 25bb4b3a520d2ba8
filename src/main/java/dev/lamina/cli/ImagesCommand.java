package dev.lamina.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.lamina.cli.options.FormatOption;
import dev.lamina.image.Digest;
import dev.lamina.image.Json;
import dev.lamina.image.store.ImageTrees;
import dev.lamina.image.store.LayerInfo;
import dev.lamina.image.store.Store;
import dev.lamina.image.store.StoredImage;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code lamina images}, which lists images. */
@Command(name = "images", description = "List the images in the store.")
final class ImagesCommand extends StoreCommand {
  @Mixin private FormatOption format;

  @Option(
      names = {"-q", "--quiet"},
      description = "Show only the IDs.")
  private boolean quiet;

  @Override
  int run() throws Exception {
    boolean isJson = format.isJson();
    try (Store store = Store.open(root.directory())) {
      ImageTrees trees = store.trees();
      List<StoredImage> images = store.images().all();
      if (isJson) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (StoredImage image : images) {
          all.add(
              Json.object()
                  .put("id", image.id().toString())
                  .put("digest", image.descriptor().digest().toString())
                  .put("created", image.config().created())
                  .put("platform", image.config().platform().toString())
                  .put("size", size(trees, image))
                  .put("layers", image.manifest().layers().size())
                  .set("names", Json.array(image.names())));
        }
        print(all);
        return ExitCode.OK;
      }
      Table table = new Table("NAME", "ID", "CREATED", "LAYERS", "SIZE");
      for (StoredImage image : images) {
        if (quiet) {
          print(image.id().abbreviated());
          continue;
        }
        List<String> names = image.names().isEmpty() ? List.of("<none>") : image.names();
        for (String name : names) {
          table.add(
              name,
              image.id().abbreviated(),
              Table.ago(image.config().created()),
              Integer.toString(image.manifest().layers().size()),
              Table.size(size(trees, image)));
        }
      }
      if (!quiet) {
        table.print();
      }
    }
    return ExitCode.OK;
  }

  /**
   * Returns the number of bytes of the files in all layers. A layer that is not unpacked counts
   * with the size of its blob.
   */
  static long size(ImageTrees trees, StoredImage image) throws IOException {
    long size = 0;
    List<Digest> diffIds = image.config().diffIds();
    for (int i = 0; i < diffIds.size(); i++) {
      LayerInfo layer = trees.layer(diffIds.get(i));
      size += layer != null ? layer.bytes() : image.manifest().layers().get(i).size();
    }
    return size;
  }
}
