package dev.lamina.cli;

import dev.lamina.image.store.MountRecord;
import dev.lamina.image.store.Store;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The command {@code lamina rm}, which removes mounts and their changes. */
@Command(name = "rm", description = "Remove mounts that are no longer mounted, with their changes.")
final class RmCommand extends StoreCommand {
  @Parameters(
      arity = "1..*",
      paramLabel = "MOUNT",
      description = "The names or directories of mounts.")
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
