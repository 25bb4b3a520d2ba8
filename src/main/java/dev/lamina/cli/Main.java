package dev.lamina.cli;

import dev.lamina.cli.options.StoreRoot;
import dev.lamina.cli.options.UsageException;
import dev.lamina.image.Messages;
import dev.lamina.mount.OptionException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The program {@code lamina}, which runs one command and reports its failure. */
@Command(
    name = "lamina",
    description =
        "Mount container images, and layers, as one file system with a writable layer on top.",
    subcommands = {
      MountCommand.class,
      UmountCommand.class,
      RunCommand.class,
      CommitCommand.class,
      DiffCommand.class,
      MountsCommand.class,
      RmCommand.class,
      PullCommand.class,
      PushCommand.class,
      ImagesCommand.class,
      TreeCommand.class,
      HistoryCommand.class,
      InspectCommand.class,
      TagCommand.class,
      RmiCommand.class,
      GcCommand.class,
      SaveCommand.class,
      LoadCommand.class,
      ExportCommand.class,
      ImportCommand.class
    })
public final class Main implements Runnable {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      description = "Show the version and exit.")
  private boolean version;

  @Mixin private StoreRoot root;

  private static final String MOUNT = "mount";
  private static final Set<String> OWN_OPTIONS =
      Set.of("-h", "--help", "-V", "--version", StoreRoot.OPTION);

  private Main() {}

  @Override
  public void run() {
    if (version) {
      Console.OUT.println("lamina " + version());
    } else {
      CommandLine.usage(this, Console.OUT);
    }
  }

  private static String version() {
    String version = Main.class.getPackage().getImplementationVersion();
    return version == null ? "(not installed)" : version;
  }

  /** Runs one command and exits with its status (see {@link ExitCode}). */
  public static void main(String[] args) {
    try {
      int status = execute(RawArguments.last(args.length));
      if (status == ExitCode.OK && Console.hasFailed()) {
        Console.error("cannot write to standard output");
        status = ExitCode.FAILED;
      }
      int background = Arrays.asList(args).indexOf(MountCommand.BACKGROUND);
      boolean isMount = background == 0 || background > 0 && args[background - 1].equals(MOUNT);
      if (status != ExitCode.OK && isMount) {
        // The launcher reads this line and exits with the status.
        Console.OUT.println(status);
      }
      System.exit(status);
    } catch (IOException e) {
      Console.error("/proc is not mounted");
      System.exit(ExitCode.FAILED);
    }
  }

  static int execute(String[] args) {
    List<String> all = new ArrayList<>(Arrays.asList(args));
    if (isMountProgram(args)) {
      all.addAll(0, List.of(MOUNT, MountCommand.MOUNT_PROGRAM));
    }
    if (!all.isEmpty() && all.get(0).equals(MOUNT)) {
      MountCommand mount = MountCommand.plain(all.subList(1, all.size()));
      if (mount != null) {
        try {
          return mount.call();
        } catch (Exception e) {
          return failed(e);
        }
      }
    }
    return Parser.execute(new Main(), all.toArray(new String[0]));
  }

  /**
   * Returns true when the program is called as fuse-overlayfs is, without a command: {@code -o
   * OPTIONS MERGED}, where the first argument is an option or a path; or {@code SOURCE MERGED -o
   * OPTIONS}, as mount(8) calls helpers, where it may be any word and {@code -o} names layers. The
   * launcher, scripts/lamina, makes the same decision.
   */
  private static boolean isMountProgram(String[] args) {
    // Most calls are of the command mount, for which the classes below need not be loaded.
    if (args.length == 0 || args[0].equals(MOUNT)) {
      return false;
    }
    if (args[0].startsWith("-")) {
      return !isOwn(args[0]);
    }
    return args[0].contains("/") || MountHelper.isCall(args);
  }

  private static boolean isOwn(String option) {
    return OWN_OPTIONS.contains(option) || option.startsWith(StoreRoot.OPTION + "=");
  }

  /** Reports why a command has failed, and returns its exit status. */
  private static int failed(Exception e) {
    Console.error(Messages.of(e));
    boolean isUsage = e instanceof UsageException || e instanceof OptionException;
    return isUsage ? ExitCode.USAGE : ExitCode.FAILED;
  }

  /** Recognizes a call as mount(8) makes it of its helpers. */
  private static final class MountHelper {
    private static final Pattern LAYERS = Pattern.compile("(^|^-o|,)lowerdir\\+?=");

    private MountHelper() {}

    static boolean isCall(String[] args) {
      return namesLayers(args) && !isCommand(args[0]);
    }

    private static boolean namesLayers(String[] args) {
      for (int i = 1; i < args.length; i++) {
        boolean isValue = args[i].startsWith("-o") || args[i - 1].equals("-o");
        if (isValue && LAYERS.matcher(args[i]).find()) {
          return true;
        }
      }
      return false;
    }

    private static boolean isCommand(String word) {
      return Stream.of(Main.class.getAnnotation(Command.class).subcommands())
          .anyMatch(command -> command.getAnnotation(Command.class).name().equals(word));
    }
  }

  /**
   * Parses arguments with picocli. It is a class of its own, so that a plain mount does not load
   * it.
   */
  private static final class Parser {
    private Parser() {}

    static int execute(Main main, String[] args) {
      CommandLine line = new CommandLine(main, new StoreRoot.Factory());
      // What follows the image is the command, with its options.
      line.getSubcommands().get("run").setStopAtPositional(true);
      // An argument that begins with @ is not the name of a file with arguments.
      line.setExpandAtFiles(false);
      line.setOut(new PrintWriter(Console.OUT, true));
      line.setErr(new PrintWriter(Console.ERR, true));
      line.setParameterExceptionHandler(Parser::misused);
      line.setExecutionExceptionHandler((e, command, result) -> failed(e));
      return line.execute(args);
    }

    private static int misused(ParameterException e, String[] args) {
      String command = e.getCommandLine().getCommandSpec().qualifiedName();
      String reason = e.getMessage().lines().findFirst().orElse("failed");
      Console.error(reason + " (try: " + command + " --help)");
      return ExitCode.USAGE;
    }
  }
}
