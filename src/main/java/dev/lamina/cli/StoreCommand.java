package dev.lamina.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import dev.lamina.image.Messages;
import dev.lamina.image.Progress;
import dev.lamina.image.layer.UnpackLimits;
import dev.lamina.image.store.ImageMounts;
import dev.lamina.image.store.MountRecord;
import dev.lamina.image.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** The base of the commands that use the store. */
@Command
abstract class StoreCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Option(names = "--help", usageHelp = true, description = "Show this help and exit.")
  private boolean help;

  @Override
  public Integer call() throws Exception {
    Logging.prepare(null, false);
    return run();
  }

  /** Runs the command and returns its exit status. */
  abstract int run() throws Exception;

  Path storeRoot() {
    return main.storeRoot();
  }

  /** Opens the store, which the caller closes. */
  Store store() throws IOException {
    return store(Progress.NONE);
  }

  Store store(Progress progress) throws IOException {
    return store(UnpackLimits.DEFAULT, progress);
  }

  Store store(UnpackLimits limits, Progress progress) throws IOException {
    return Store.open(main.storeRoot(), limits, progress);
  }

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
