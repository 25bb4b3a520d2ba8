package dev.lamina.cli;

import dev.lamina.image.store.Garbage.Freed;
import dev.lamina.image.store.Store;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code lamina gc}, which removes what is not used. */
@Command(
    name = "gc",
    description =
        "Remove blobs and layers that no image uses, and what killed processes have left.")
final class GcCommand extends StoreCommand {
  @Option(
      names = "--min-age",
      paramLabel = "SECONDS",
      description = {
        "Keep younger blobs: another tool may be writing an image into the store (default: 600).",
        "What other Lamina commands are about to use is always kept."
      })
  private long minAge = 600;

  @Override
  int run() throws Exception {
    try (Store store = Store.open(root.directory())) {
      new AbandonedRuns(store.runs()).remove();
      Freed freed = store.garbage().collect(minAge);
      print(
          "removed "
              + freed.blobs()
              + " blobs and "
              + freed.layers()
              + " unpacked layers, "
              + Table.size(freed.bytes()));
    }
    return ExitCode.OK;
  }
}
