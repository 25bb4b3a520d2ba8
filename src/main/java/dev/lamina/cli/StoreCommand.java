package dev.lamina.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lamina.cli.options.StoreRoot;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import dev.lamina.image.Messages;
import dev.lamina.image.store.ImageMounts;
import dev.lamina.image.store.MountRecord;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The base of the commands that use the store. */
@Command
abstract class StoreCommand implements Callable<Integer> {
  @Mixin StoreRoot root;

  @Option(names = "--help", usageHelp = true, description = "Show this help and exit.")
  private boolean help;

  @Override
  public Integer call() throws Exception {
    Logging.prepare(null, false);
    return run();
  }

  /** Runs the command and returns its exit status. */
  abstract int run() throws Exception;

  /**
   * Returns the mount with a name or directory.
   *
   * @throws ImageException when there is no such mount
   */
  static MountRecord mount(ImageMounts mounts, String name) throws IOException {
    MountRecord mount = mounts.find(name);
    if (mount == null) {
      throw new ImageException(
          "there is no mount " + Messages.quote(name) + "; \"lamina mounts\" lists the mounts");
    }
    return mount;
  }

  /** Prints a line on standard output. */
  static void print(String line) {
    Console.OUT.println(Messages.printable(line));
  }

  /** Prints a document on standard output, indented. */
  static void print(JsonNode document) {
    Console.UTF8.println(Json.pretty(document));
  }
}
