package dev.lamina.cli;

import dev.lamina.cli.options.ImageMountArguments;
import dev.lamina.cli.options.PlatformOption;
import dev.lamina.cli.options.RegistryArguments;
import dev.lamina.cli.options.UnpackArguments;
import dev.lamina.image.store.Store;
import dev.lamina.image.store.StoredImage;
import dev.lamina.image.transfer.ImagePull;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code lamina pull}, which copies an image into the store. */
@Command(
    name = "pull",
    description = {
      "Pull an image into the store, and print its ID.",
      "SOURCE is docker://NAME, oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME],",
      "dir:DIR of a root file system, or the path of a tar archive."
    })
final class PullCommand extends StoreCommand {
  @Parameters(index = "0", paramLabel = "SOURCE", description = "The location of the image.")
  private String source;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "NAME",
      description = "The name of the image in the store; by default its name at SOURCE.")
  private String name;

  /** A mount that needs the image gives this option (see {@link ImagePull#pullToUse}). */
  @Option(names = ImageMountArguments.TO_USE, hidden = true)
  private boolean toUse;

  @Mixin private PlatformOption platform;
  @Mixin private UnpackArguments unpacking;
  @Mixin private RegistryArguments registry;

  @Override
  int run() throws Exception {
    try (TransferDisplay display = new TransferDisplay();
        Store store = Store.open(root.directory(), unpacking.limits(), display)) {
      ImagePull pull =
          new ImagePull(store.images(), registry.options(), platform.given(), Console::error);
      StoredImage image = toUse ? pull.pullToUse(source) : pull.pull(source, name);
      display.end();
      print((toUse ? image.descriptor().digest() : image.id()).toString());
    }
    return ExitCode.OK;
  }
}
