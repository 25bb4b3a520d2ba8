package dev.lamina.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lamina.cli.options.FormatOption;
import dev.lamina.image.Digest;
import dev.lamina.image.History;
import dev.lamina.image.Json;
import dev.lamina.image.store.ImageTrees;
import dev.lamina.image.store.LayerInfo;
import dev.lamina.image.store.Store;
import dev.lamina.image.store.StoredImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code lamina history}, which lists the steps that made an image. */
@Command(name = "history", description = "Show the steps that made an image, the latest first.")
final class HistoryCommand extends StoreCommand {
  private static final int WORDS = 60;

  @Parameters(paramLabel = "IMAGE", description = "The name or ID of an image.")
  private String name;

  @Option(names = "--no-trunc", description = "Do not shorten steps and digests.")
  private boolean whole;

  @Mixin private FormatOption format;

  /** A step and the layer that it made, which is null for a step without a layer. */
  private record Step(History history, Digest layer, long size) {}

  @Override
  int run() throws Exception {
    boolean isJson = format.isJson();
    try (Store store = Store.open(root.directory())) {
      List<Step> steps = steps(store.trees(), store.images().get(name));
      if (isJson) {
        print(json(steps));
        return ExitCode.OK;
      }
      Table table = new Table("LAYER", "CREATED", "CREATED BY", "SIZE", "COMMENT");
      for (Step step : steps) {
        History history = step.history();
        table.add(
            step.layer() == null
                ? ""
                : whole ? step.layer().toString() : step.layer().abbreviated(),
            Table.ago(history.created()),
            shortened(history.createdBy()),
            Table.size(step.size()),
            history.comment() == null ? "" : history.comment());
      }
      table.print();
    }
    return ExitCode.OK;
  }

  private String shortened(String step) {
    if (step == null) {
      return "";
    }
    return whole || step.length() <= WORDS ? step : step.substring(0, WORDS - 1) + "~";
  }

  private static List<Step> steps(ImageTrees trees, StoredImage image) throws IOException {
    List<Digest> layers = image.config().diffIds();
    List<Step> steps = new ArrayList<>();
    int layer = 0;
    for (History history : image.config().history()) {
      boolean hasLayer = !history.isEmptyLayer() && layer < layers.size();
      steps.add(0, step(trees, image, history, hasLayer ? layer++ : -1));
    }
    // The history is optional, and may not cover all layers.
    while (layer < layers.size()) {
      History unknown = new History(null, null, null, null, false);
      steps.add(0, step(trees, image, unknown, layer++));
    }
    return steps;
  }

  private static Step step(ImageTrees trees, StoredImage image, History history, int layer)
      throws IOException {
    if (layer < 0) {
      return new Step(history, null, 0);
    }
    Digest diffId = image.config().diffIds().get(layer);
    LayerInfo info = trees.layer(diffId);
    long size = info != null ? info.bytes() : image.manifest().layers().get(layer).size();
    return new Step(history, diffId, size);
  }

  private static ArrayNode json(List<Step> steps) {
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    for (Step step : steps) {
      ObjectNode object =
          Json.object()
              .put("layer", step.layer() == null ? null : step.layer().toString())
              .put("created", step.history().created())
              .put("createdBy", step.history().createdBy())
              .put("author", step.history().author())
              .put("comment", step.history().comment())
              .put("size", step.size());
      all.add(object);
    }
    return all;
  }
}
