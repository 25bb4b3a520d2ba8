package dev.lamina.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code lamina}: the commands and what becomes of their failures. */
@Command(
    name = "lamina",
    description = "Mounts layers as one file system, with a writable one on top.",
    subcommands = {MountCommand.class, UmountCommand.class})
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

  private static final String MOUNT = "mount";
  private static final Set<String> OWN_OPTIONS = Set.of("-h", "--help", "-V", "--version");

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

  /** Runs one command and exits with its status, see {@link ExitCode}. */
  public static void main(String[] args) {
    try {
      int status = execute(RawArguments.last(args.length));
      if (status != ExitCode.OK && Arrays.asList(args).contains(MountCommand.BACKGROUND)) {
        // To the launcher, whose exit status it becomes.
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
      all.add(0, MOUNT);
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
   * As fuse-overlayfs is called: {@code -o OPTIONS MERGED}, without a command. The first argument
   * is an option, or a path and not the name of a command. The launcher, scripts/lamina, asks the
   * same.
   */
  private static boolean isMountProgram(String[] args) {
    return args.length > 0
        && (args[0].startsWith("-") ? !OWN_OPTIONS.contains(args[0]) : args[0].contains("/"));
  }

  /** Says why a command failed; its exit status. */
  private static int failed(Exception e) {
    Console.error(e.getMessage() == null ? e.toString() : e.getMessage());
    return e instanceof UsageException ? ExitCode.USAGE : ExitCode.FAILED;
  }

  /** What parses arguments with picocli, apart from what does without. */
  private static final class Parser {
    private Parser() {}

    static int execute(Main main, String[] args) {
      CommandLine line = new CommandLine(main);
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
