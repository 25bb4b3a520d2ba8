package dev.lamina.cli;

import dev.lamina.image.store.MountRecord;
import dev.lamina.image.store.Store;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code lamina rm}. */
@Command(
    name = "rm",
    description = "Removes mounts that are not mounted any more, with what was changed in them.")
final class RmCommand extends StoreCommand {
  @Parameters(arity = "1..*", paramLabel = "MOUNT", description = "Names or directories.")
  private List<String> mounts;

  @Override
  int run() throws Exception {
    try (Store store = Store.open(root.directory())) {
      for (String name : mounts) {
        MountRecord mount = mount(store.mounts(), name);
        store.mounts().remove(mount);
        print(mount.name());
      }
    }
    return ExitCode.OK;
  }
}
