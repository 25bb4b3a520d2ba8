package dev.lamina.cli;

import dev.lamina.cli.options.UsageException;
import dev.lamina.image.file.HostPaths;
import dev.lamina.image.layer.TarOptions;
import dev.lamina.image.layer.TreeTar;
import dev.lamina.image.store.MountRecord;
import dev.lamina.image.store.Store;
import dev.lamina.image.transfer.OpenLayers;
import dev.lamina.layer.LayerStack;
import dev.lamina.sys.Terminal;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code lamina export}, which writes a tree as a tar archive. */
@Command(
    name = "export",
    description = "Write the whole tree of a mount or an image as a plain tar archive.")
final class ExportCommand extends StoreCommand {
  private static final int STANDARD_OUTPUT = 1;
  private static final int BUFFER = 1 << 18;

  @Parameters(paramLabel = "MOUNT|IMAGE", description = "The mount or image.")
  private String name;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Write to FILE instead of standard output.")
  private String output;

  @Override
  int run() throws Exception {
    if (output == null && Terminal.isTerminal(STANDARD_OUTPUT)) {
      throw new UsageException("refusing to write an archive to a terminal: give -o FILE");
    }
    try (Store store = Store.open(root.directory())) {
      MountRecord mount = store.mounts().find(name);
      List<Path> trees =
          mount == null ? store.trees().of(store.images().get(name)) : store.trees().merged(mount);
      try (LayerStack stack = OpenLayers.of(trees);
          OutputStream out = new BufferedOutputStream(open(), BUFFER)) {
        new TreeTar(stack, new TarOptions(Console::error)).writeTo(out);
      }
    }
    return ExitCode.OK;
  }

  private OutputStream open() throws IOException {
    return output == null
        ? new FileOutputStream(FileDescriptor.out)
        : Files.newOutputStream(HostPaths.path(output));
  }
}
