package dev.lamina.testing;

import dev.lamina.fuse.ServiceThreads;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The process that serves a Lamina mount.
 *
 * @param process found by its command line
 */
public record Daemon(ProcessHandle process) {
  private static final String DEVICE = "/dev/fuse";

  /** The one Java process whose command line names this mount point. */
  public static Daemon of(Path mountPoint) {
    List<Daemon> found = all(mountPoint);
    if (found.size() != 1) {
      throw new AssertionError("daemons of " + mountPoint + ": " + found);
    }
    return found.get(0);
  }

  /** Waits until none serves there any more, after the mount has gone. */
  public static void awaitNone(Path mountPoint) {
    all(mountPoint).forEach(Daemon::awaitEnd);
  }

  /** All that serve there, or have until their mount went. */
  private static List<Daemon> all(Path mountPoint) {
    return ProcessHandle.allProcesses()
        .filter(process -> serves(process, mountPoint))
        .map(Daemon::new)
        .toList();
  }

  private static boolean serves(ProcessHandle process, Path mountPoint) {
    Path proc = Path.of("/proc", Long.toString(process.pid()));
    try {
      String command = Files.readString(proc.resolve("cmdline"), StandardCharsets.ISO_8859_1);
      return List.of(command.split("\0")).contains(mountPoint.toString())
          && Files.readSymbolicLink(proc.resolve("exe")).endsWith("java");
    } catch (IOException e) {
      // It has ended, or is a kernel thread.
      return false;
    }
  }

  public long pid() {
    return process.pid();
  }

  /** Sends a signal, by its name such as {@code TERM}. */
  public void signal(String name) {
    Commands.run("kill", "-" + name, Long.toString(pid())).succeed();
  }

  /**
   * What it has open but the device, of which each worker has one; of workers there are more when
   * there is more to do, or when the machine is slow, up to a bound.
   */
  public List<String> openFiles() {
    Map<Boolean, List<String>> all =
        descriptors().stream().collect(Collectors.partitioningBy(DEVICE::equals));
    if (all.get(true).size() > ServiceThreads.DEFAULT_MOST + 2) {
      throw new AssertionError(all.get(true).size() + " devices");
    }
    return all.get(false);
  }

  /** What its descriptors refer to. */
  public List<String> descriptors() {
    try (Stream<Path> fds = Files.list(proc("fd"))) {
      return fds.map(Daemon::target).filter(target -> !target.isEmpty()).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String target(Path fd) {
    try {
      return Files.readSymbolicLink(fd).toString();
    } catch (IOException e) {
      // Closed since it was listed.
      return "";
    }
  }

  /** Resident memory in KiB. */
  public long residentKib() {
    try {
      return Files.readAllLines(proc("status")).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .sum();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** A file of it in /proc. */
  public Path proc(String name) {
    return Path.of("/proc", Long.toString(pid()), name);
  }

  /** Fails unless it ends. */
  public void awaitEnd() {
    Waiting.until("the daemon ends", () -> !process.isAlive());
  }
}
