package dev.lamina.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.lamina.cli.options.FormatOption;
import dev.lamina.image.store.ImageMounts;
import dev.lamina.image.store.MountRecord;
import dev.lamina.image.store.Store;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command {@code lamina mounts}, which lists mounts of images. */
@Command(
    name = "mounts",
    description =
        "List mounts of images, also those that are unmounted and whose changes are kept.")
final class MountsCommand extends StoreCommand {
  @Mixin private FormatOption format;

  @Override
  int run() throws Exception {
    boolean isJson = format.isJson();
    try (Store store = Store.open(root.directory())) {
      ArrayNode all = JsonNodeFactory.instance.arrayNode();
      Table table = new Table("NAME", "IMAGE", "STATE", "CREATED", "DIRECTORY");
      ImageMounts mounts = store.mounts();
      for (MountRecord mount : mounts.all()) {
        if (isJson) {
          all.add(InspectCommand.mount(mounts, mount));
          continue;
        }
        String state = mounts.isServed(mount) ? "mounted" : "kept";
        table.add(
            mount.name(),
            mount.image(),
            mount.isReadOnly() ? state + ", read-only" : state,
            Table.ago(mount.created()),
            mounts.isServed(mount) ? mount.mountPoint().toString() : "");
      }
      if (isJson) {
        print(all);
      } else {
        table.print();
      }
    }
    return ExitCode.OK;
  }
}
