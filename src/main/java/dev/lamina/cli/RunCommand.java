package dev.lamina.cli;

import dev.lamina.cli.options.ImageMountArguments;
import dev.lamina.cli.options.PlatformOption;
import dev.lamina.cli.options.RegistryArguments;
import dev.lamina.cli.options.UnpackArguments;
import dev.lamina.cli.options.UsageException;
import dev.lamina.image.ImageException;
import dev.lamina.image.RunSettings;
import dev.lamina.image.file.HostPaths;
import dev.lamina.image.registry.RegistryOptions;
import dev.lamina.image.store.ImageMounts;
import dev.lamina.image.store.Images;
import dev.lamina.image.store.MountRecord;
import dev.lamina.image.store.RunPlace;
import dev.lamina.image.store.RunPlaces;
import dev.lamina.image.store.Store;
import dev.lamina.image.store.StoredImage;
import dev.lamina.image.transfer.ImagePull;
import dev.lamina.image.transfer.ImageSearch;
import dev.lamina.mount.Launcher;
import dev.lamina.run.Network;
import dev.lamina.run.RunException;
import dev.lamina.run.RunRequest;
import dev.lamina.run.Runner;
import dev.lamina.run.Seccomp;
import dev.lamina.run.SignalForwarder;
import dev.lamina.run.Volume;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lamina run}. */
@Command(
    name = "run",
    description = {
      "Runs a command in an image, with a writable layer of its own, and exits as it does.",
      "What it has changed is kept under the mount's name, unless --rm is given."
    })
final class RunCommand extends StoreCommand {
  @Parameters(index = "0", paramLabel = "IMAGE", description = "A name, or what \"pull\" takes.")
  private String image;

  @Parameters(
      index = "1..*",
      paramLabel = "COMMAND",
      description = "Instead of the image's own command.")
  private List<String> command = List.of();

  @Option(names = "--rm", description = "Remove what it has changed when it ends.")
  private boolean remove;

  @Option(names = "--name", paramLabel = "NAME", description = "Of the mount; a new one, or kept.")
  private String name;

  @Option(
      names = {"-v", "--volume"},
      paramLabel = "SOURCE:TARGET[:ro]",
      description = "A directory or file of the host's that is seen at TARGET.")
  private List<String> volumes = List.of();

  @Option(
      names = {"-e", "--env"},
      paramLabel = "NAME[=VALUE]",
      description = "A variable; without a value, the one it has here.")
  private List<String> environment = List.of();

  @Option(
      names = {"-w", "--workdir"},
      paramLabel = "DIR",
      description = "The working directory.")
  private String workingDirectory = "";

  @Option(
      names = {"-u", "--user"},
      paramLabel = "USER[:GROUP]",
      description = "Names of the image or numbers.")
  private String user = "";

  @Option(
      names = {"-i", "--interactive"},
      description = "Pass standard input on.")
  private boolean interactive;

  @Option(
      names = {"-t", "--tty"},
      description = "Give it a terminal.")
  private boolean terminal;

  @Option(
      names = "--entrypoint",
      paramLabel = "PROGRAM",
      description = "Instead of the image's; empty for none.")
  private String entrypoint;

  @Option(names = "--hostname", paramLabel = "NAME", description = "Otherwise the machine's.")
  private String hostname = "";

  @Option(names = "--network", paramLabel = "NAME", description = "host (the default) or none.")
  private String network = "host";

  @Option(names = "--read-only", description = "The root file system cannot be changed.")
  private boolean readOnly;

  @Option(
      names = "--security-opt",
      paramLabel = "OPTION",
      description = {
        "seccomp=unconfined: no system call is filtered; seccomp=FILE: as a profile in docker's",
        "format says. With an OCI runtime; without one none is filtered."
      })
  private List<String> securityOptions = List.of();

  @Option(
      names = "--runtime",
      paramLabel = "NAME",
      description = "crun, runc, the path of another OCI runtime, or none to do without.")
  private String runtime;

  @Mixin private PlatformOption platform;
  @Mixin private UnpackArguments unpacking;
  @Mixin private RegistryArguments registry;

  @Override
  int run() throws Exception {
    try (SignalForwarder signals = SignalForwarder.start()) {
      try {
        return run(signals);
      } catch (RunException e) {
        return failed(e, e.status(), signals);
      } catch (IOException e) {
        return failed(e, RunException.FAILED, signals);
      }
    }
  }

  /** What a signal has brought to an end has not failed. */
  private static int failed(IOException e, int status, SignalForwarder signals) {
    int ended = signals.endStatusSoon();
    if (ended != 0) {
      return ended;
    }
    Console.error(e.getMessage());
    return status;
  }

  private int run(SignalForwarder signals) throws UsageException, IOException {
    Runner runner = Runner.choose(runtime);
    RunPlace place;
    RunRequest request;
    try (TransferDisplay display = new TransferDisplay();
        Store store = Store.open(root.directory(), unpacking.limits(), display)) {
      // Until something is mounted there is nothing to end.
      signals.exitOnEnd();
      RunPlaces runs = store.runs();
      new AbandonedRuns(runs).remove();
      refuseKept(store.mounts());
      StoredImage found = find(store.images());
      // It may take long, and would be done by the mount's process, which is not told to end.
      store.trees().layers(found);
      signals.hold();
      String mountName = name != null ? name : newName(found.toString());
      place = runs.make(mountName, remove);
      try {
        request = request(place, found.config().settings());
        mount(found, mountName, place.directory());
      } catch (IOException | UsageException e) {
        endAfter(e, runs, place);
        throw e;
      }
    }
    try {
      if (signals.endStatus() != 0) {
        return signals.endStatus();
      }
      if (!runner.warning().isEmpty()) {
        Console.error(runner.warning());
      }
      return runner.run(request, signals);
    } finally {
      end(place);
    }
  }

  /** The failure that comes first is the one that is reported. */
  private static void endAfter(Exception failure, RunPlaces runs, RunPlace place) {
    try {
      runs.end(place, true);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /** What was changed before this run is not for it to remove. */
  private void refuseKept(ImageMounts mounts) throws IOException {
    MountRecord kept = remove && name != null ? mounts.find(name) : null;
    if (kept != null && kept.name().equals(name)) {
      throw new ImageException(
          "there is a mount "
              + name
              + " already, whose changes --rm would remove as well: leave out --rm, or choose"
              + " another name");
    }
  }

  private StoredImage find(Images images) throws UsageException, IOException {
    RegistryOptions options = registry.options();
    StoredImage known = new ImageSearch(images, platform.given()).find(image);
    return known != null
        ? known
        : new ImagePull(images, options, platform.given(), Console::error).pullToUse(image);
  }

  /**
   * One that no other run takes at the same moment.
   *
   * @param image its name, or its name and digest
   */
  static String newName(String image) {
    String last = image.substring(image.lastIndexOf('/') + 1).replaceFirst("[:@].*", "");
    return ImageMounts.nameFrom(last)
        + "-"
        + Long.toHexString(ThreadLocalRandom.current().nextLong());
  }

  private RunRequest request(RunPlace place, RunSettings settings)
      throws RunException, UsageException {
    List<Volume> parsed = new ArrayList<>();
    for (String volume : volumes) {
      parsed.add(Volume.parse(volume));
    }
    RunRequest request =
        new RunRequest(HostPaths.text(place.directory()), settings)
            .id(place.id())
            .notes(place.notes())
            .command(command)
            .environment(environment)
            .workingDirectory(workingDirectory)
            .user(user)
            .hostname(hostname)
            .volumes(parsed)
            .network(network())
            .interactive(interactive)
            .terminal(terminal)
            .readOnly(readOnly)
            .seccomp(Seccomp.parse(securityOptions));
    return entrypoint == null ? request : request.entrypoint(List.of(entrypoint));
  }

  private Network network() throws UsageException {
    return switch (network) {
      case "host" -> Network.HOST;
      case "none" -> Network.NONE;
      default ->
          throw new UsageException("unknown network: " + network + " (there are: host, none)");
    };
  }

  /** In a process of its own: the mount must not end with this one, should it be killed. */
  private void mount(StoredImage found, String mountName, Path directory) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("mount", "--name=" + mountName));
    if (remove) {
      // One of that name may have been made since it was looked for.
      arguments.add(ImageMountArguments.MUST_BE_NEW);
    }
    arguments.add(found.descriptor().digest().toString());
    arguments.add(HostPaths.text(directory));
    Process process = Launcher.start(root.directory(), arguments, Launcher.NO_INPUT);
    try {
      if (process.waitFor() != 0) {
        throw new ImageException("the image could not be mounted");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** What goes wrong here is not the command's failure. */
  private void end(RunPlace place) {
    String left = "\"lamina gc\" removes what is left of the run: ";
    try (Store store = Store.open(root.directory())) {
      if (!store.runs().end(place, true)) {
        Console.error(left + place.directory() + " is still used");
      }
    } catch (IOException e) {
      Console.error(left + e.getMessage());
    }
  }
}
