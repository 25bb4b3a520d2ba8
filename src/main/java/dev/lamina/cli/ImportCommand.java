package dev.lamina.cli;

import dev.lamina.cli.options.PlatformOption;
import dev.lamina.cli.options.UnpackArguments;
import dev.lamina.image.ImageException;
import dev.lamina.image.Messages;
import dev.lamina.image.Progress;
import dev.lamina.image.archive.ImageLocation;
import dev.lamina.image.file.HostPaths;
import dev.lamina.image.store.Store;
import dev.lamina.image.transfer.TreeImport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code lamina import}, which makes an image of a root file system. */
@Command(
    name = "import",
    description = {
      "Create an image of one layer from a root file system: a directory, or a tar archive, which",
      "may be compressed. Print the ID of the image."
    })
final class ImportCommand extends StoreCommand {
  @Parameters(index = "0", paramLabel = "TAR|DIR", description = "The root file system.")
  private String source;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "NAME",
      description = "The name of the image.")
  private String name;

  @Option(
      names = {"-c", "--change"},
      paramLabel = "CHANGE",
      description = {
        "Apply a Dockerfile instruction to the configuration, such as 'CMD [\"/bin/sh\"]':",
        "CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME or WORKDIR."
      })
  private List<String> changes = List.of();

  @Mixin private PlatformOption platform;
  @Mixin private UnpackArguments unpacking;

  @Override
  int run() throws Exception {
    Path path = HostPaths.path(source);
    if (!Files.exists(path)) {
      throw new ImageException("there is no file or directory " + Messages.quote(source));
    }
    ImageLocation.Kind kind =
        Files.isDirectory(path)
            ? ImageLocation.Kind.ROOTFS_DIRECTORY
            : ImageLocation.Kind.ROOTFS_TAR;
    try (Store store = Store.open(root.directory(), unpacking.limits(), Progress.NONE)) {
      TreeImport imports = new TreeImport(store.images(), platform.given(), Console::error);
      print(imports.importTree(new ImageLocation(kind, path, null), name, changes).id().toString());
    }
    return ExitCode.OK;
  }
}
