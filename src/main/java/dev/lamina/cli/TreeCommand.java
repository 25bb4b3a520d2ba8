package dev.lamina.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lamina.cli.options.UsageException;
import dev.lamina.cli.tree.Forest;
import dev.lamina.cli.tree.ForestBuilder;
import dev.lamina.cli.tree.JsonTree;
import dev.lamina.cli.tree.Labels;
import dev.lamina.cli.tree.Lines;
import dev.lamina.cli.tree.Mount;
import dev.lamina.cli.tree.SvgTree;
import dev.lamina.cli.tree.TextTree;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import dev.lamina.image.Messages;
import dev.lamina.image.file.HostPaths;
import dev.lamina.image.store.ImageMounts;
import dev.lamina.image.store.Images;
import dev.lamina.image.store.MountRecord;
import dev.lamina.image.store.Store;
import dev.lamina.image.store.StoredImage;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code lamina tree}, which shows how images share layers. */
@Command(
    name = "tree",
    description = {
      "Show images as trees of layers, in which a layer that images share appears once.",
      "An image's names are shown at its topmost layer, its mounts below. IN is the number",
      "of images that contain a layer. A size with a tilde: a layer is not unpacked."
    })
final class TreeCommand extends StoreCommand {
  private static final String STANDARD_OUTPUT = "-";

  @Parameters(
      arity = "0..1",
      paramLabel = "IMAGE",
      description = "The name or ID of an image: show only the tree that contains it.")
  private String name;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "Format of the output: text (the default), json or svg.")
  private String format = "text";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Write to FILE instead of standard output.")
  private String output = STANDARD_OUTPUT;

  @Option(names = "--no-trunc", description = "Do not shorten steps and digests.")
  private boolean whole;

  /** Writes a forest as a document. */
  private interface Writer {
    String write(Forest forest) throws ImageException;
  }

  @Override
  int run() throws Exception {
    Labels labels = new Labels(whole, Table::size);
    Lines lines = Lines.of(System::getenv);
    Writer writer =
        switch (format) {
          case "text" -> forest -> TextTree.of(forest, labels, lines);
          case "json" -> forest -> Json.pretty(JsonTree.of(forest)) + "\n";
          case "svg" -> forest -> SvgTree.of(forest, labels);
          default ->
              throw new UsageException("unknown format: " + format + " (known: text, json, svg)");
        };
    byte[] bytes = writer.write(forest()).getBytes(UTF_8);
    try (OutputStream out = open()) {
      out.write(bytes);
    } catch (IOException e) {
      String what = output.equals(STANDARD_OUTPUT) ? "standard output" : Messages.quote(output);
      throw new ImageException("cannot write " + what + ": " + reason(e), e);
    }
    return ExitCode.OK;
  }

  private OutputStream open() throws IOException {
    return output.equals(STANDARD_OUTPUT)
        ? new FileOutputStream(FileDescriptor.out)
        : Files.newOutputStream(HostPaths.path(output));
  }

  private static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "there is no such directory";
    }
    return e instanceof FileSystemException file && file.getReason() != null
        ? file.getReason()
        : e.getMessage();
  }

  private Forest forest() throws IOException {
    try (Store store = Store.open(root.directory())) {
      ForestBuilder builder = new ForestBuilder(store.trees()::layer);
      Images images = store.images();
      ImageMounts mounts = store.mounts();
      Map<Digest, StoredImage> known = new HashMap<>();
      for (StoredImage image : images.all()) {
        builder.add(image);
        known.put(image.descriptor().digest(), image);
      }
      for (MountRecord mount : mounts.all()) {
        StoredImage image = known.get(mount.manifest());
        try {
          // An image without names still exists while it is mounted.
          image = image != null ? image : images.of(mount);
        } catch (ImageException e) {
          Console.error("the mount " + mount.name() + " is left out: " + e.getMessage());
          continue;
        }
        builder.add(image, new Mount(mount.name(), mount.isReadOnly(), place(mounts, mount)));
      }
      if (name != null) {
        builder.keepTreeOf(images.get(name));
      }
      return builder.build();
    }
  }

  /** Returns the directory that it is mounted on; null when it is not mounted. */
  private static String place(ImageMounts mounts, MountRecord mount) throws IOException {
    // The document is written in UTF-8, so a path whose bytes are UTF-8 appears unchanged.
    return mounts.isServed(mount) ? new String(HostPaths.bytes(mount.mountPoint()), UTF_8) : null;
  }
}
