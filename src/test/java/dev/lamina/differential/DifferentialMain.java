package dev.lamina.differential;

import dev.lamina.testing.Mounter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The differential test by hand: {@code scripts/differential --help}. */
final class DifferentialMain {
  private static final String USAGE =
      """
      Usage: scripts/differential [OPTION]...
      Compares Lamina with kernel overlayfs: random operations on mounts of equal layers.

        --ops N               operations of all sequences together (20000)
        --sequences N         sequences (one for every 100 operations)
        --seed S              seed of the first sequence; the others count up (random)
        --transport NAME      Lamina's transport (libfuse)
        --peer NAME           test kernel or fuse-overlayfs in Lamina's place
        --option OPTION       a further mount option of what is tested; may be repeated
        --failures N          stop after so many sequences that fail (3)
        --shrink-seconds N    time to make each of them small (60)

      Exit status: 0 without a difference, 1 with one, 2 for wrong arguments.
      """;

  private Mounter subject = Mounter.LAMINA_LIBFUSE;
  private final List<String> options = new ArrayList<>();
  private int operations = 20_000;
  private int sequences;
  private long seed = System.nanoTime() >>> 10 & 0xffffffL;
  private int failures = 3;
  private int shrinkSeconds = 60;

  private DifferentialMain() {}

  public static void main(String[] arguments) {
    System.exit(new DifferentialMain().run(arguments));
  }

  private int run(String[] arguments) {
    try {
      for (int i = 0; i < arguments.length; i += 2) {
        if (arguments[i].equals("--help") || i + 1 == arguments.length) {
          System.err.print(USAGE);
          return arguments[i].equals("--help") ? 0 : 2;
        }
        set(arguments[i], arguments[i + 1]);
      }
    } catch (IllegalArgumentException e) {
      System.err.println("differential: " + e.getMessage());
      return 2;
    }
    Setup setup = Setup.of(subject, options.toArray(String[]::new));
    int count = sequences > 0 ? sequences : Math.max(1, operations / 100);
    System.out.printf("%s against %s, seed %d%n", subject, setup.reference(), seed);
    DifferentialRun.Summary summary =
        new DifferentialRun(
                setup,
                new DifferentialRun.Plan(
                    seed, count, operations, failures, Duration.ofSeconds(shrinkSeconds)))
            .run();
    summary.failures().forEach(System.out::println);
    System.out.println(summary.print());
    return summary.failures().isEmpty() ? 0 : 1;
  }

  private void set(String option, String value) {
    switch (option) {
      case "--ops" -> operations = Integer.parseInt(value);
      case "--sequences" -> sequences = Integer.parseInt(value);
      case "--seed" -> seed = Long.parseLong(value);
      case "--transport" -> subject = transport(value);
      case "--peer" ->
          subject =
              switch (value) {
                case "kernel" -> Mounter.KERNEL_OVERLAY;
                case "fuse-overlayfs" -> Mounter.FUSE_OVERLAYFS;
                default -> throw new IllegalArgumentException("unknown peer: " + value);
              };
      case "--option" -> options.add(value);
      case "--failures" -> failures = Integer.parseInt(value);
      case "--shrink-seconds" -> shrinkSeconds = Integer.parseInt(value);
      default -> throw new IllegalArgumentException("unknown option: " + option);
    }
  }

  /** Named like the constant: a transport that tests can mount can be tested here. */
  private static Mounter transport(String name) {
    return Mounter.valueOf("LAMINA_" + name.toUpperCase(Locale.ROOT));
  }
}
