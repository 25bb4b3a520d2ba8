package dev.lamina.cli;

import dev.lamina.image.store.Store;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code lamina rmi}. */
@Command(
    name = "rmi",
    description = {
      "Takes names away from images, and removes images without any.",
      "What a mount needs stays until the mount is removed."
    })
final class RmiCommand extends StoreCommand {
  @Parameters(arity = "1..*", paramLabel = "IMAGE", description = "Names, or IDs for all names.")
  private List<String> images;

  @Override
  int run() throws Exception {
    try (Store store = Store.open(root.directory())) {
      for (String image : images) {
        store.images().remove(image).forEach(StoreCommand::print);
      }
    }
    return ExitCode.OK;
  }
}
