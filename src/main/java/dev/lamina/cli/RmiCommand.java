package dev.lamina.cli;

import dev.lamina.image.store.Store;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The command {@code lamina rmi}, which removes names and images. */
@Command(
    name = "rmi",
    description = {
      "Remove names of images, and images that have no other name.",
      "What a mount uses is kept until the mount is removed."
    })
final class RmiCommand extends StoreCommand {
  @Parameters(
      arity = "1..*",
      paramLabel = "IMAGE",
      description = "Names, or IDs to remove all names.")
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
