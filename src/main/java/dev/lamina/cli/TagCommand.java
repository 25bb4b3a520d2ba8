package dev.lamina.cli;

import dev.lamina.image.store.Images;
import dev.lamina.image.store.Store;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The command {@code lamina tag}, which adds a name to an image. */
@Command(name = "tag", description = "Add a name to an image.")
final class TagCommand extends StoreCommand {
  @Parameters(index = "0", paramLabel = "IMAGE", description = "The name or ID of an image.")
  private String image;

  @Parameters(
      index = "1",
      paramLabel = "NAME",
      description = "The new name; another image that has it loses it.")
  private String name;

  @Override
  int run() throws Exception {
    try (Store store = Store.open(root.directory())) {
      Images images = store.images();
      images.tag(images.get(image), name);
    }
    return ExitCode.OK;
  }
}
