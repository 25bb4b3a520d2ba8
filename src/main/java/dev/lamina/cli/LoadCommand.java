package dev.lamina.cli;

import dev.lamina.cli.options.PlatformOption;
import dev.lamina.cli.options.UnpackArguments;
import dev.lamina.image.ImageSource;
import dev.lamina.image.archive.ImageArchive;
import dev.lamina.image.file.HostPaths;
import dev.lamina.image.store.Images;
import dev.lamina.image.store.Store;
import dev.lamina.image.store.StoredImage;
import dev.lamina.image.transfer.ImagePull;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code lamina load}, which reads the images of an archive into the store. */
@Command(
    name = "load",
    description = "Load all images of an archive into the store, and print their names or IDs.")
final class LoadCommand extends StoreCommand {
  @Option(
      names = {"-i", "--input"},
      paramLabel = "FILE",
      description = "Read from FILE instead of standard input.")
  private String input = "-";

  @Mixin private PlatformOption platform;
  @Mixin private UnpackArguments unpacking;

  @Override
  int run() throws Exception {
    Path file = input.equals("-") ? Path.of("-") : HostPaths.path(input);
    try (TransferDisplay display = new TransferDisplay();
        Store store = Store.open(root.directory(), unpacking.limits(), display);
        ImageArchive archive = ImageArchive.open(file, ImagePull.temporary())) {
      Images images = store.images();
      List<List<String>> names = archive.names();
      for (int i = 0; i < names.size(); i++) {
        List<String> own = names.get(i);
        try (ImageSource source = archive.source(i)) {
          StoredImage image =
              images.pull(source, platform.get(), own.isEmpty() ? null : own.get(0));
          for (String other : own.subList(Math.min(1, own.size()), own.size())) {
            images.tag(image, other);
          }
          print(own.isEmpty() ? image.id().toString() : String.join(" ", own));
        }
      }
    }
    return ExitCode.OK;
  }
}
