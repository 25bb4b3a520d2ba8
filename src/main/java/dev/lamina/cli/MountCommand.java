package dev.lamina.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.cli.options.ImageMountArguments;
import dev.lamina.cli.options.StoreRoot;
import dev.lamina.cli.options.UsageException;
import dev.lamina.fuse.MountException;
import dev.lamina.fuse.Transport;
import dev.lamina.fuse.kernel.KernelTransport;
import dev.lamina.fuse.kernel.RingChoice;
import dev.lamina.fuse.libfuse.LibfuseTransport;
import dev.lamina.mount.Daemon;
import dev.lamina.mount.DaemonListener;
import dev.lamina.mount.ImageMount;
import dev.lamina.mount.ImageMountRequest;
import dev.lamina.mount.MountOptions;
import dev.lamina.mount.MountPoint;
import dev.lamina.mount.OptionException;
import dev.lamina.mount.RingParameter;
import dev.lamina.sys.ProcessCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code lamina mount}, which mounts an image or layers. */
@Command(
    name = "mount",
    description = {
      "Mount an image, or layers, on a directory, and return when the mount can be used.",
      "IMAGE is the name of an image in the store, or a SOURCE as for \"lamina pull\".",
      "Examples: lamina mount debian /mnt",
      "          lamina mount -o lowerdir=TOP:BOTTOM,upperdir=UPPER,workdir=WORK /mnt"
    })
final class MountCommand implements Callable<Integer>, DaemonListener {
  static final String BACKGROUND = "--background";
  static final String MOUNT_PROGRAM = "--mount-program";
  private static final Path SELINUX = Path.of("/sys/fs/selinux/enforce");
  private static final String OPTIONS = "-o";
  private static final String TRANSPORT = "--transport";
  private static final String FOREGROUND = "--foreground";
  private static final String DEBUG = "--debug";
  private static final String LOG_FILE = "--log-file";

  @Option(
      names = OPTIONS,
      paramLabel = "OPTIONS",
      description = {
        "Mount options: lowerdir=TOP:...:BOTTOM, upperdir=DIR, workdir=DIR, volatile, ro, suid,",
        "dev, ... A backslash before a comma or colon makes it part of a path."
      })
  private List<String> options = new ArrayList<>();

  @Option(
      names = TRANSPORT,
      paramLabel = "NAME",
      description = "How requests are received: kernel (the default) or libfuse.")
  private String transport = "kernel";

  @Option(
      names = {"-f", FOREGROUND},
      description = "Stay in the foreground until the directory is unmounted.")
  private boolean foreground;

  /** True when the program is called as fuse-overlayfs is (see {@link Main}). */
  @Option(names = MOUNT_PROGRAM, hidden = true)
  private boolean mountProgram;

  /** With fuse-overlayfs and libfuse, this asks for a single thread; it affects only speed. */
  @Option(names = "-s", hidden = true)
  private boolean singleThreaded;

  // mount(8) passes these options to its helpers besides -o (EXTERNAL HELPERS). They have no effect
  // here.

  @Option(names = "-n", hidden = true)
  private boolean writesNoMtab;

  @Option(names = "-v", hidden = true)
  private boolean verbose;

  @Option(names = "-t", hidden = true, paramLabel = "TYPE")
  private String type;

  /** The launcher gives this option when it has put this process into the background. */
  @Option(names = BACKGROUND, hidden = true)
  private boolean background;

  @Option(
      names = {"-d", DEBUG},
      description = "Log every operation, one line each.")
  private boolean debug;

  @Option(
      names = LOG_FILE,
      paramLabel = "FILE",
      description = "Log to FILE; by default to standard error while in the foreground.")
  private String logFile;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  private boolean help;

  @Parameters(
      arity = "1..2",
      paramLabel = "[IMAGE] MOUNTPOINT",
      hideParamSyntax = true,
      description = "The image, unless -o names layers, and the directory to mount on.")
  private List<String> places = new ArrayList<>();

  /** The options for images; null when the arguments, parsed without picocli, name no image. */
  @Mixin private ImageMountArguments image;

  /** Null when arguments are read without picocli. */
  @Mixin private StoreRoot root;

  /** The mount of an image that is served; null for a mount of layers. */
  private ImageMount imageMount;

  /**
   * Parses arguments in their plain form, which programs and most people use, without picocli,
   * whose start takes longer than mounting does.
   *
   * @return null for any other arguments, right or wrong, which picocli has to parse
   */
  static MountCommand plain(List<String> arguments) {
    MountCommand command = new MountCommand();
    Set<String> seen = new HashSet<>();
    for (Iterator<String> all = arguments.iterator(); all.hasNext(); ) {
      String argument = all.next();
      if (argument.startsWith("--") && !seen.add(nameOf(argument))) {
        return null;
      }
      if (argument.equals(OPTIONS) && all.hasNext()) {
        String value = all.next();
        if (!isWord(value)) {
          return null;
        }
        command.options.add(value);
      } else if (argument.startsWith(TRANSPORT + "=")) {
        command.transport = argument.substring(TRANSPORT.length() + 1);
      } else if (argument.startsWith(LOG_FILE + "=")) {
        command.logFile = argument.substring(LOG_FILE.length() + 1);
      } else if (argument.equals(BACKGROUND)) {
        command.background = true;
      } else if (argument.equals(MOUNT_PROGRAM)) {
        command.mountProgram = true;
      } else if (argument.equals(FOREGROUND)) {
        command.foreground = true;
      } else if (argument.equals(DEBUG)) {
        command.debug = true;
      } else if (isWord(argument) && command.places.isEmpty()) {
        command.places.add(argument);
      } else {
        return null;
      }
    }
    return command.places.isEmpty() ? null : command;
  }

  private static String nameOf(String option) {
    int equals = option.indexOf('=');
    return equals < 0 ? option : option.substring(0, equals);
  }

  private static boolean isWord(String argument) {
    return !argument.isEmpty() && !argument.startsWith("-");
  }

  @Override
  public Integer call() throws UsageException, OptionException, MountException, IOException {
    MountOptions parsed = new MountOptions();
    for (String option : options) {
      parsed.add(option);
    }
    for (String option : parsed.unknown()) {
      if (!mountProgram) {
        throw new UsageException("unknown mount option: " + option);
      }
      // Tools pass on options that their users wrote for another program.
      Console.error("unknown mount option ignored: " + option);
    }
    debug |= parsed.isDebug();
    Logging.prepare(logFile, debug);
    if (mountProgram && parsed.hasLayers() && places.size() == 2) {
      // This is a call by mount(8), whose first argument is the source.
      parsed.setSource(places.remove(0));
    }
    if (places.size() == 2) {
      serveImage(parsed, places.get(0), mountPoint(places.get(1)));
      return ExitCode.OK;
    }
    if (image != null) {
      image.refuse();
    }
    serve(parsed, mountPoint(places.get(0)));
    return ExitCode.OK;
  }

  private static MountPoint mountPoint(String path) {
    return new MountPoint(path.getBytes(ISO_8859_1));
  }

  private void serveImage(MountOptions parsed, String name, MountPoint mountPoint)
      throws UsageException, OptionException, MountException, IOException {
    ImageMountRequest request = image.request(root.directory(), name, parsed.isReadOnly());
    try (ImageMount prepared = prepare(request, mountPoint)) {
      prepared.setLayers(parsed);
      imageMount = prepared;
      serve(parsed, mountPoint);
      // It may have been unmounted before the daemon noticed that it served.
      prepared.serves();
    }
  }

  /** Prepares the mount of an image. The display of the transfer ends before the mount serves. */
  private static ImageMount prepare(ImageMountRequest request, MountPoint mountPoint)
      throws MountException, IOException {
    try (TransferDisplay display = new TransferDisplay()) {
      return ImageMount.prepare(request, mountPoint, display);
    }
  }

  private void serve(MountOptions parsed, MountPoint mountPoint)
      throws UsageException, OptionException, MountException {
    Daemon daemon =
        new Daemon(
            transport(parsed),
            parsed.union(),
            parsed.source(),
            parsed.generic(ProcessCalls.geteuid() == 0, Files.exists(SELINUX)),
            debug,
            background,
            this);
    daemon.run(mountPoint);
  }

  @Override
  public void warning(String message) {
    Console.error(message);
  }

  /** Writes the exit status as a line to standard output, where the launcher reads it. */
  @Override
  public boolean serving() {
    if (imageMount != null) {
      imageMount.serves();
    }
    if (background) {
      Console.OUT.println(ExitCode.OK);
      return !Console.OUT.checkError();
    }
    return true;
  }

  @Override
  public void failed(String message) {
    Console.error(message);
  }

  @Override
  public void end(boolean hasServed) {
    Runtime.getRuntime().halt(hasServed ? ExitCode.OK : ExitCode.FAILED);
  }

  private Transport transport(MountOptions parsed) throws UsageException, MountException {
    if (parsed.rings() == RingChoice.REQUIRED) {
      RingParameter.enable();
    }
    return switch (transport) {
      case "kernel" -> new KernelTransport(parsed.workers(), parsed.rings(), parsed.hasAcls());
      case "libfuse" -> new LibfuseTransport(parsed.workers());
      default ->
          throw new UsageException("unknown transport: " + transport + " (known: kernel, libfuse)");
    };
  }
}
