package dev.lamina.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lamina.cli.tree.Forest;
import dev.lamina.cli.tree.ForestBuilder;
import dev.lamina.cli.tree.JsonTree;
import dev.lamina.cli.tree.Labels;
import dev.lamina.cli.tree.Lines;
import dev.lamina.cli.tree.Mount;
import dev.lamina.cli.tree.SvgTree;
import dev.lamina.cli.tree.TextTree;
import dev.lamina.image.HostPaths;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import dev.lamina.image.store.MountRecord;
import dev.lamina.image.store.Store;
import dev.lamina.image.store.StoredImage;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lamina tree}. */
@Command(
    name = "tree",
    description = {
      "Shows images as a forest: layers on the layers they lie on, those that images share once.",
      "Names stand on an image's topmost layer, and mounts of the image behind it. IN is the number",
      "of images that a layer is in. A size with a tilde is that of layers that are not unpacked."
    })
final class TreeCommand extends StoreCommand {
  private static final String STANDARD_OUTPUT = "-";

  @Parameters(
      arity = "0..1",
      paramLabel = "IMAGE",
      description = "A name or an ID: only the tree that this image is in.")
  private String name;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "How to write it: text (the default), json or svg.")
  private String format = "text";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Instead of standard output.")
  private String output = STANDARD_OUTPUT;

  @Option(names = "--no-trunc", description = "Show steps and digests whole.")
  private boolean whole;

  /** Makes a document of a forest. */
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
              throw new UsageException(
                  "unknown format: " + format + " (there are: text, json, svg)");
        };
    // Text for a terminal that does not take UTF-8 has single bytes, as other listings have.
    Charset charset = format.equals("text") && lines == Lines.ASCII ? ISO_8859_1 : UTF_8;
    String document = writer.write(forest());
    if (output.equals(STANDARD_OUTPUT)) {
      Console.OUT.write(document.getBytes(charset));
      Console.OUT.flush();
    } else {
      Files.write(HostPaths.path(output), document.getBytes(charset));
    }
    return ExitCode.OK;
  }

  private Forest forest() throws IOException {
    try (Store store = store()) {
      ForestBuilder builder = new ForestBuilder(store::layer);
      store.images().forEach(builder::add);
      for (MountRecord mount : store.mounts()) {
        StoredImage image;
        try {
          image = store.image(mount);
        } catch (ImageException e) {
          Console.error("left out, the mount " + mount.name() + ": " + e.getMessage());
          continue;
        }
        builder.add(image, new Mount(mount.name(), mount.isReadOnly(), place(store, mount)));
      }
      if (name != null) {
        builder.keepTreeOf(store.image(name));
      }
      return builder.build();
    }
  }

  /** Where it is; null when it is not mounted. */
  private static String place(Store store, MountRecord mount) throws IOException {
    // The path's bytes are taken for UTF-8, as the rest of the document is.
    return store.isServed(mount) ? new String(HostPaths.bytes(mount.mountPoint()), UTF_8) : null;
  }
}
