package dev.lamina.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.lamina.cli.options.FormatOption;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import dev.lamina.image.layer.Change;
import dev.lamina.image.layer.Changes;
import dev.lamina.image.store.ImageTrees;
import dev.lamina.image.store.Images;
import dev.lamina.image.store.MountRecord;
import dev.lamina.image.store.Store;
import dev.lamina.image.store.StoredImage;
import dev.lamina.image.transfer.OpenLayers;
import dev.lamina.layer.LayerStack;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The command {@code lamina diff}, which lists changes. */
@Command(
    name = "diff",
    description = {
      "List what was added (A), changed (C) and deleted (D) in a mount, in the topmost layer of an",
      "image, or from one image to another."
    })
final class DiffCommand extends StoreCommand {
  @Parameters(index = "0", paramLabel = "MOUNT|IMAGE", description = "The mount or image.")
  private String first;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "IMAGE",
      description = "The older image, with which the mount or the first image is compared.")
  private String second;

  @Mixin private FormatOption format;

  @Override
  int run() throws Exception {
    ArrayNode all = format.isJson() ? JsonNodeFactory.instance.arrayNode() : null;
    Consumer<Change> output =
        change -> {
          if (change.path().length == 0) {
            // This is the root directory, which docker and podman do not list either.
            return;
          }
          String path = "/" + new String(change.path(), ISO_8859_1);
          if (all == null) {
            print(change.kind().letter() + " " + path);
          } else {
            all.add(Json.object().put("kind", change.kind().letter() + "").put("path", path));
          }
        };
    try (Store store = Store.open(root.directory())) {
      Images images = store.images();
      ImageTrees trees = store.trees();
      MountRecord mount = store.mounts().find(first);
      if (mount != null && second == null) {
        ofMount(trees, mount, output);
      } else if (second != null) {
        between(
            mount != null ? trees.merged(mount) : trees.of(images.get(first)),
            trees.of(images.get(second)),
            output);
      } else {
        ofImage(trees, images.get(first), output);
      }
    }
    if (all != null) {
      print(all);
    }
    return ExitCode.OK;
  }

  private static void ofMount(ImageTrees trees, MountRecord mount, Consumer<Change> output)
      throws IOException {
    if (mount.isReadOnly()) {
      return;
    }
    try (LayerStack stack = OpenLayers.of(trees.merged(mount))) {
      Changes.ofUpper(stack, output);
    }
  }

  private static void ofImage(ImageTrees trees, StoredImage image, Consumer<Change> output)
      throws IOException {
    List<Path> layers = trees.layers(image);
    if (layers.isEmpty()) {
      throw new ImageException("the image " + image + " has no layers");
    }
    try (LayerStack stack = OpenLayers.of(layers)) {
      Changes.ofUpper(stack, output);
    }
  }

  private static void between(List<Path> newer, List<Path> older, Consumer<Change> output)
      throws IOException {
    try (LayerStack newerStack = OpenLayers.of(newer);
        LayerStack olderStack = OpenLayers.of(older)) {
      Changes.between(newerStack, olderStack, output);
    }
  }
}
