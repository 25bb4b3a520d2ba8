package dev.lamina.cli;

import dev.lamina.image.store.Garbage.Freed;
import dev.lamina.image.store.Store;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lamina gc}. */
@Command(
    name = "gc",
    description = "Removes blobs and layers of no image, and what killed processes have left.")
final class GcCommand extends StoreCommand {
  @Option(
      names = "--min-age",
      paramLabel = "SECONDS",
      description = {
        "Younger blobs stay: another tool may be writing an image into the store (600).",
        "What Lamina's own processes are about to use stays in any case."
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
