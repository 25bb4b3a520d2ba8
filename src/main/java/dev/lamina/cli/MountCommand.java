package dev.lamina.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.fuse.MountException;
import dev.lamina.fuse.ServiceThreads;
import dev.lamina.fuse.Transport;
import dev.lamina.fuse.kernel.KernelTransport;
import dev.lamina.fuse.kernel.RingChoice;
import dev.lamina.fuse.libfuse.LibfuseTransport;
import dev.lamina.sys.ProcessCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lamina mount}. */
@Command(
    name = "mount",
    description = {
      "Mounts layers on a directory and returns when the mount serves.",
      "Example: lamina mount -o lowerdir=TOP:BOTTOM,upperdir=UPPER,workdir=WORK DIR"
    })
final class MountCommand implements Callable<Integer> {
  static final String BACKGROUND = "--background";

  @Option(
      names = "-o",
      paramLabel = "OPTIONS",
      description = {
        "lowerdir=TOP:...:BOTTOM, upperdir=DIR, workdir=DIR, volatile, ro, suid, dev, ...",
        "A backslash before a comma or colon makes it part of a path."
      })
  private List<String> options = new ArrayList<>();

  @Option(
      names = "--transport",
      paramLabel = "NAME",
      description = "How requests arrive: kernel (the default) or libfuse.")
  private String transport = "kernel";

  @Option(
      names = {"-f", "--foreground"},
      description = "Stay in the foreground until the directory is unmounted.")
  private boolean foreground;

  /** Given by the launcher, which has put this process into the background. */
  @Option(names = BACKGROUND, hidden = true)
  private boolean background;

  @Option(
      names = {"-d", "--debug"},
      description = "Log every operation, a line each.")
  private boolean debug;

  @Option(
      names = "--log-file",
      paramLabel = "FILE",
      description = "Where to log; without it, standard error while in the foreground.")
  private String logFile;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  private boolean help;

  @Parameters(paramLabel = "MOUNTPOINT", description = "The directory to mount on.")
  private String mountPoint;

  @Override
  public Integer call() throws UsageException, MountException {
    MountOptions parsed = new MountOptions();
    for (String option : options) {
      parsed.add(option);
    }
    Logging.prepare(logFile, debug);
    Daemon daemon =
        new Daemon(
            transport(parsed),
            parsed.union(),
            parsed.generic(ProcessCalls.geteuid() == 0),
            debug,
            background);
    return daemon.run(mountPoint.getBytes(ISO_8859_1));
  }

  private Transport transport(MountOptions parsed) throws UsageException, MountException {
    if (parsed.rings() == RingChoice.REQUIRED) {
      RingParameter.enable();
    }
    return switch (transport) {
      case "kernel" -> new KernelTransport(ServiceThreads.DEFAULT_MOST, parsed.rings());
      case "libfuse" -> new LibfuseTransport();
      default ->
          throw new UsageException(
              "unknown transport: " + transport + " (there are: kernel, libfuse)");
    };
  }
}
