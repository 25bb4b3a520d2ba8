package dev.lamina.run;

import dev.lamina.image.RunSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A command to run, with defaults for everything that neither the image nor the user sets. Strings
 * have one character for each byte.
 *
 * @param args the program and its arguments
 * @param directory the working directory, an absolute path in the root file system
 * @param volumes sorted by depth, so that a volume follows the one it is mounted on
 */
record ContainerProcess(
    List<String> args,
    Environment environment,
    String directory,
    ContainerUser user,
    String hostname,
    List<Volume> volumes) {

  /** The length of the longest host name (HOST_NAME_MAX in limits.h). */
  private static final int LONGEST_HOSTNAME = 64;

  /**
   * @param id the ID of this run, which is the host name in a network namespace of its own
   */
  static ContainerProcess of(RunRequest request, RootDirectory root, String id)
      throws RunException {
    RunSettings settings = request.settings;
    List<String> args = args(request);
    String who = request.user().isEmpty() ? Bytes.ofText(settings.user()) : request.user();
    ContainerUser user = ContainerUser.find(who, root);
    String hostname = hostname(request, id);
    Environment environment =
        Environment.of(
            bytes(settings.env()),
            request.environment(),
            user.home(),
            hostname,
            request.isTerminal());
    String directory =
        RootDirectory.clean(
            request.workingDirectory().startsWith("/")
                ? request.workingDirectory()
                : Bytes.ofText(settings.workingDirectory()) + "/" + request.workingDirectory());
    List<Volume> volumes = new ArrayList<>(request.volumes());
    volumes.sort(Comparator.comparingInt(Volume::depth));
    ContainerProcess process =
        new ContainerProcess(args, environment, directory, user, hostname, List.copyOf(volumes));
    process.refuseNul();
    return process;
  }

  /**
   * Returns the program and its arguments by the rules of Docker and podman: with an entrypoint
   * that the user gives, the image's Cmd is not used.
   */
  private static List<String> args(RunRequest request) throws RunException {
    List<String> args = new ArrayList<>();
    if (request.entrypoint() == null) {
      args.addAll(bytes(request.settings.entrypoint()));
    } else {
      args.addAll(request.entrypoint());
    }
    if (!request.command().isEmpty()) {
      args.addAll(request.command());
    } else if (request.entrypoint() == null) {
      args.addAll(bytes(request.settings.cmd()));
    }
    if (args.isEmpty() || args.get(0).isEmpty()) {
      throw new RunException(
          "no command is given, and the image has no default: add a command after its name");
    }
    return List.copyOf(args);
  }

  private static List<String> bytes(List<String> texts) {
    return texts.stream().map(Bytes::ofText).toList();
  }

  private static String hostname(RunRequest request, String id) throws RunException {
    String wanted = request.hostname();
    if (wanted.isEmpty()) {
      return request.network() == Network.NONE ? id : ofThisMachine();
    }
    if (!wanted.matches("[A-Za-z0-9._-]+") || wanted.length() > LONGEST_HOSTNAME) {
      throw new RunException(
          "invalid host name: "
              + Bytes.shown(wanted)
              + " (letters, digits, '.', '_' and '-', at most "
              + LONGEST_HOSTNAME
              + " of them)");
    }
    return wanted;
  }

  private static String ofThisMachine() throws RunException {
    try {
      return Bytes.string(Files.readAllBytes(Path.of("/proc/sys/kernel/hostname"))).strip();
    } catch (IOException e) {
      throw new RunException("cannot read the host name: /proc is not mounted", e);
    }
  }

  /** Refuses NUL characters, which end a string in the kernel; a configuration may hold them. */
  private void refuseNul() throws RunException {
    List<String> all = new ArrayList<>(args);
    all.addAll(environment.list());
    all.add(directory);
    for (String string : all) {
      if (string.indexOf('\0') >= 0) {
        throw new RunException(
            "the image's configuration has a NUL character in " + Bytes.shown(string));
      }
    }
  }

  /** Returns whether a path may be on a volume, whose contents are not known before the run. */
  private boolean isOnVolume(String path) {
    return volumes.stream().anyMatch(volume -> volume.covers(path));
  }

  /**
   * Looks for the program before anything is set up, because a runtime's exit status does not tell
   * a missing program from other failures.
   *
   * @throws RunException with exit status 127 for a missing program, 126 for one that cannot be
   *     executed
   */
  void checkProgram(RootDirectory root) throws RunException {
    String program = args.get(0);
    List<String> candidates = new ArrayList<>();
    if (program.indexOf('/') >= 0) {
      candidates.add(
          RootDirectory.clean(program.startsWith("/") ? program : directory + "/" + program));
    } else {
      for (String entry : environment.get("PATH").split(":")) {
        String place = entry.startsWith("/") ? entry : directory + "/" + entry;
        candidates.add(RootDirectory.clean(place + "/" + program));
      }
    }
    boolean found = false;
    for (String candidate : candidates) {
      if (isOnVolume(candidate)) {
        return;
      }
      switch (Executables.look(root, candidate)) {
        case EXECUTABLE -> {
          return;
        }
        case NOT_EXECUTABLE -> found = true;
        case MISSING -> {}
      }
    }
    if (found) {
      throw new RunException(
          "cannot execute " + Bytes.shown(program) + ": it is not an executable file in the image",
          RunException.NOT_EXECUTABLE);
    }
    String where = program.indexOf('/') < 0 ? " in the image's PATH" : " in the image";
    throw new RunException("cannot find " + Bytes.shown(program) + where, RunException.NOT_FOUND);
  }
}
