package dev.lamina.cli;

import dev.lamina.cli.options.UsageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.ImageTarget;
import dev.lamina.image.Progress;
import dev.lamina.image.archive.ArchiveWriter;
import dev.lamina.image.archive.DockerArchiveWriter;
import dev.lamina.image.archive.OciArchiveWriter;
import dev.lamina.image.file.HostPaths;
import dev.lamina.image.store.Images;
import dev.lamina.image.store.Store;
import dev.lamina.image.store.StoredImage;
import dev.lamina.image.transfer.ImagePush;
import dev.lamina.sys.Terminal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code lamina save}, which writes images to an archive. */
@Command(
    name = "save",
    description = "Write images to an archive that podman, docker and skopeo can read.")
final class SaveCommand extends StoreCommand {
  private static final int STANDARD_OUTPUT = 1;

  @Parameters(arity = "1..*", paramLabel = "IMAGE", description = "The names or IDs of images.")
  private List<String> names;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Write to FILE instead of standard output.")
  private String output = "-";

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "Format of the archive: docker-archive (the default) or oci-archive.")
  private String format = "docker-archive";

  @Override
  int run() throws Exception {
    if (output.equals("-") && Terminal.isTerminal(STANDARD_OUTPUT)) {
      throw new UsageException("refusing to write an archive to a terminal: give -o FILE");
    }
    try (Store store = Store.open(root.directory());
        ArchiveWriter archive = writer()) {
      Images images = store.images();
      for (String name : names) {
        StoredImage image = images.get(name);
        // An image that is given by its ID is saved without a name.
        String meant = Images.meantName(image, name);
        try (ImageTarget target = archive.target(meant == null ? List.of() : List.of(meant))) {
          ImageSource source = images.source(image);
          new ImagePush(Progress.NONE).send(source, target);
        }
      }
      archive.finish();
    }
    return ExitCode.OK;
  }

  private ArchiveWriter writer() throws IOException, UsageException {
    Path file = output.equals("-") ? Path.of("-") : HostPaths.path(output);
    return switch (format) {
      case "docker-archive" -> new DockerArchiveWriter(file);
      case "oci-archive" -> new OciArchiveWriter(file);
      default ->
          throw new UsageException(
              "unknown format: " + format + " (known: docker-archive, oci-archive)");
    };
  }
}
