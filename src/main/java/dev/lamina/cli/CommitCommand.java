package dev.lamina.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lamina.cli.options.UsageException;
import dev.lamina.image.Descriptor;
import dev.lamina.image.History;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageException;
import dev.lamina.image.layer.LayerCompression;
import dev.lamina.image.layer.LayerDiff;
import dev.lamina.image.layer.TarOptions;
import dev.lamina.image.layer.WrittenLayer;
import dev.lamina.image.store.Images;
import dev.lamina.image.store.MountRecord;
import dev.lamina.image.store.NewLayer;
import dev.lamina.image.store.Store;
import dev.lamina.image.store.StoredImage;
import dev.lamina.image.transfer.ConfigChanges;
import dev.lamina.image.transfer.CreationTime;
import dev.lamina.image.transfer.OpenLayers;
import dev.lamina.layer.LayerStack;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code lamina commit}, which makes an image of a mount. */
@Command(
    name = "commit",
    description = {
      "Create an image from a mount: its changes become one more layer.",
      "Print the ID of the new image."
    })
final class CommitCommand extends StoreCommand {
  @Parameters(index = "0", paramLabel = "MOUNT", description = "The name or directory of a mount.")
  private String mount;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "NAME",
      description = "The name of the new image.")
  private String name;

  @Option(
      names = {"-m", "--message"},
      paramLabel = "TEXT",
      description = "Set the comment of the new layer, shown by \"lamina history\".")
  private String message;

  @Option(
      names = {"-a", "--author"},
      paramLabel = "TEXT",
      description = "Set the author of the image.")
  private String author;

  @Option(
      names = {"-c", "--change"},
      paramLabel = "CHANGE",
      description = {
        "Apply a Dockerfile instruction to the configuration, such as 'CMD [\"/bin/sh\"]':",
        "CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME or WORKDIR."
      })
  private List<String> changes = List.of();

  @Option(
      names = "--compression",
      paramLabel = "NAME",
      description = "Compression of the new layer: gzip (the default), zstd or none.")
  private String compression = "gzip";

  @Override
  int run() throws Exception {
    LayerCompression chosen = compression();
    Images.checkName(name);
    try (Store store = Store.open(root.directory())) {
      Images images = store.images();
      MountRecord record = mount(store.mounts(), mount);
      if (record.isReadOnly()) {
        throw new ImageException(
            "the mount " + record.name() + " is read-only: it has no changes to commit");
      }
      StoredImage parent = images.of(record);
      long epoch = CreationTime.epoch();
      try (NewLayer layer = images.newLayer(chosen);
          LayerStack stack = OpenLayers.of(store.trees().merged(record))) {
        TarOptions options =
            epoch < 0 ? new TarOptions(Console::error) : new TarOptions(epoch, Console::error);
        new LayerDiff(stack, options).writeTo(layer.tar());
        print(add(images, parent, layer.commit()).id().toString());
      }
    }
    return ExitCode.OK;
  }

  private LayerCompression compression() throws UsageException {
    return switch (compression) {
      case "gzip" -> LayerCompression.GZIP;
      case "zstd" -> LayerCompression.ZSTD;
      case "none" -> LayerCompression.NONE;
      default ->
          throw new UsageException(
              "unknown compression: " + compression + " (known: gzip, zstd, none)");
    };
  }

  private StoredImage add(Images images, StoredImage parent, WrittenLayer layer) throws Exception {
    History step =
        new History(CreationTime.text(), "lamina commit", text(author), text(message), false);
    ImageConfig config = parent.config().withLayer(layer.diffId(), step, text(author));
    List<Descriptor> blobs = new ArrayList<>(parent.manifest().layers());
    blobs.add(layer.descriptor());
    return images.add(ConfigChanges.apply(config, changes), blobs, name, false);
  }

  private static String text(String bytes) {
    return bytes == null ? null : new String(bytes.getBytes(ISO_8859_1), UTF_8);
  }
}
