package dev.lamina.cli;

import dev.lamina.image.store.Images;
import dev.lamina.image.store.Store;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code lamina tag}. */
@Command(name = "tag", description = "Gives an image one more name.")
final class TagCommand extends StoreCommand {
  @Parameters(index = "0", paramLabel = "IMAGE", description = "A name or an ID.")
  private String image;

  @Parameters(index = "1", paramLabel = "NAME", description = "Another image that has it loses it.")
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
