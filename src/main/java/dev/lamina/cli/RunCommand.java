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

/** The command {@code lamina run}, which runs a command in an image. */
@Command(
    name = "run",
    description = {
      "Run a command in an image, with a writable layer of its own, and exit with its status.",
      "Its changes are kept under the mount's name, unless --rm is given."
    })
final class RunCommand extends StoreCommand {
  @Parameters(
      index = "0",
      paramLabel = "IMAGE",
      description = "The name of an image in the store, or a SOURCE as for \"lamina pull\".")
  private String image;

  @Parameters(
      index = "1..*",
      paramLabel = "COMMAND",
      description = "The command and its arguments; by default the image's own.")
  private List<String> command = List.of();

  @Option(names = "--rm", description = "Remove the changes when the command has ended.")
  private boolean remove;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Name of the mount: a new one, or that of a mount whose changes are kept.")
  private String name;

  @Option(
      names = {"-v", "--volume"},
      paramLabel = "SOURCE:TARGET[:ro]",
      description = "Mount a directory or file of the host at TARGET.")
  private List<String> volumes = List.of();

  @Option(
      names = {"-e", "--env"},
      paramLabel = "NAME[=VALUE]",
      description = "Set an environment variable; without VALUE, pass on the caller's.")
  private List<String> environment = List.of();

  @Option(
      names = {"-w", "--workdir"},
      paramLabel = "DIR",
      description = "Working directory of the command.")
  private String workingDirectory = "";

  @Option(
      names = {"-u", "--user"},
      paramLabel = "USER[:GROUP]",
      description = "User and group of the command, as names in the image or as numbers.")
  private String user = "";

  @Option(
      names = {"-i", "--interactive"},
      description = "Pass standard input to the command.")
  private boolean interactive;

  @Option(
      names = {"-t", "--tty"},
      description = "Give the command a terminal.")
  private boolean terminal;

  @Option(
      names = "--entrypoint",
      paramLabel = "PROGRAM",
      description = "Use this entrypoint instead of the image's; empty for none.")
  private String entrypoint;

  @Option(
      names = "--hostname",
      paramLabel = "NAME",
      description = "Host name; by default the machine's.")
  private String hostname = "";

  @Option(
      names = "--network",
      paramLabel = "NAME",
      description = "Network: host (the default) or none.")
  private String network = "host";

  @Option(names = "--read-only", description = "Make the root file system read-only.")
  private boolean readOnly;

  @Option(
      names = "--security-opt",
      paramLabel = "OPTION",
      description = {
        "seccomp=unconfined: do not filter system calls; seccomp=FILE: filter them by a profile in",
        "docker's format. Without an OCI runtime they are never filtered."
      })
  private List<String> securityOptions = List.of();

  @Option(
      names = "--runtime",
      paramLabel = "NAME",
      description = {
        "OCI runtime: runc, crun or the path of another one; by default, one that is installed.",
        "none, used where none is installed: run without one, which is experimental and unconfined."
      })
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

  /** Reports a failure, unless a signal has ended the run, and returns the exit status. */
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
      // Until something is mounted, a signal may end this process at once.
      signals.exitOnEnd();
      RunPlaces runs = store.runs();
      new AbandonedRuns(runs).remove();
      refuseKept(store.mounts());
      StoredImage found = find(store.images());
      // Unpacking the layers may take long. The mount's process would do it otherwise, but it is
      // not ended by signals to this one.
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

  /** Ends a run that has failed. A failure to do so does not replace the first one. */
  private static void endAfter(Exception failure, RunPlaces runs, RunPlace place) {
    try {
      runs.end(place, true);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /** Refuses {@code --rm} with a mount that is kept, because its changes precede this run. */
  private void refuseKept(ImageMounts mounts) throws IOException {
    MountRecord kept = remove && name != null ? mounts.find(name) : null;
    if (kept != null && kept.name().equals(name)) {
      throw new ImageException(
          "a mount named "
              + name
              + " already exists, and --rm would remove its changes too: leave out --rm or choose"
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
   * Returns a name for a mount that no other run chooses at the same moment.
   *
   * @param image the name of the image, perhaps with its digest
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
      default -> throw new UsageException("unknown network: " + network + " (known: host, none)");
    };
  }

  /**
   * Mounts the image in another process, because the mount must outlive this one if it is killed.
   */
  private void mount(StoredImage found, String mountName, Path directory) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("mount", "--name=" + mountName));
    if (remove) {
      // A mount of that name may have been made since it was searched for.
      arguments.add(ImageMountArguments.MUST_BE_NEW);
    }
    arguments.add(found.descriptor().digest().toString());
    arguments.add(HostPaths.text(directory));
    Process process = Launcher.start(root.directory(), arguments, Launcher.NO_INPUT);
    try {
      if (process.waitFor() != 0) {
        throw new ImageException("cannot mount the image " + found);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Removes what the run has made. A failure is reported, but the command's status stays. */
  private void end(RunPlace place) {
    String failure = "cannot clean up after the run (\"lamina gc\" does it later): ";
    try (Store store = Store.open(root.directory())) {
      if (!store.runs().end(place, true)) {
        Console.error(failure + place.directory() + " is still in use");
      }
    } catch (IOException e) {
      Console.error(failure + e.getMessage());
    }
  }
}
