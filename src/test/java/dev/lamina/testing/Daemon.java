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
 * @param process the process, which is found by its command line
 */
public record Daemon(ProcessHandle process) {
  private static final String DEVICE = "/dev/fuse";

  /** Returns the only Java process whose command line contains this mount point. */
  public static Daemon of(Path mountPoint) {
    List<Daemon> found = all(mountPoint);
    if (found.size() != 1) {
      throw new AssertionError("daemons of " + mountPoint + ": " + found);
    }
    return found.get(0);
  }

  /** Waits after an unmount until no process serves the mount point any more. */
  public static void awaitNone(Path mountPoint) {
    all(mountPoint).forEach(Daemon::awaitEnd);
  }

  /** Returns all processes that serve the mount point, or have done so until the unmount. */
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
      // The process has ended, or is a kernel thread.
      return false;
    }
  }

  public long pid() {
    return process.pid();
  }

  /** Sends a signal, which is given by its name, such as {@code TERM}. */
  public void signal(String name) {
    Commands.run("kill", "-" + name, Long.toString(pid())).succeed();
  }

  /**
   * Counts the open descriptors except those of the device. Each worker has one of these, and the
   * number of workers depends on the load and the speed of the machine.
   */
  public List<String> openFiles() {
    Map<Boolean, List<String>> all =
        descriptors().stream().collect(Collectors.partitioningBy(DEVICE::equals));
    if (all.get(true).size() > ServiceThreads.DEFAULT_MOST + 2) {
      throw new AssertionError(all.get(true).size() + " devices");
    }
    return all.get(false);
  }

  /** Returns the targets of the process's descriptors. */
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
      // The descriptor was closed after it was listed.
      return "";
    }
  }

  /** Returns the resident memory in KiB. */
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

  /** Returns a file of the process in /proc. */
  public Path proc(String name) {
    return Path.of("/proc", Long.toString(pid()), name);
  }

  /** Fails unless the process ends. */
  public void awaitEnd() {
    Waiting.until("the daemon ends", () -> !process.isAlive());
  }
}
