package dev.lamina.run;

import dev.lamina.image.RunSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A command to run, with all that image and user leave open filled in. Strings are bytes, each a
 * character.
 *
 * @param args the first one is the program
 * @param directory absolute path in the root file system
 * @param volumes those nearer to the root first
 */
record ContainerProcess(
    List<String> args,
    Environment environment,
    String directory,
    ContainerUser user,
    String hostname,
    List<Volume> volumes) {

  /** HOST_NAME_MAX of limits.h. */
  private static final int LONGEST_HOSTNAME = 64;

  /**
   * @param id of this run, the host's name where it has one of its own
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

  /** The rules of docker and podman: an entrypoint of the user's is not for the image's Cmd. */
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
          "there is no command: the image has none of its own, so one must follow its name");
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
      throw new RunException("not a host's name: " + Bytes.shown(wanted));
    }
    return wanted;
  }

  private static String ofThisMachine() throws RunException {
    try {
      return Bytes.string(Files.readAllBytes(Path.of("/proc/sys/kernel/hostname"))).strip();
    } catch (IOException e) {
      throw new RunException("the host's name cannot be read: /proc is not mounted", e);
    }
  }

  /** An image's configuration may hold the character that ends a string of the kernel's. */
  private void refuseNul() throws RunException {
    List<String> all = new ArrayList<>(args);
    all.addAll(environment.list());
    all.add(directory);
    for (String string : all) {
      if (string.indexOf('\0') >= 0) {
        throw new RunException("a NUL is in " + Bytes.shown(string));
      }
    }
  }

  /** Whether what a path leads to may be on a volume, which nothing is known of before the run. */
  private boolean isOnVolume(String path) {
    return volumes.stream().anyMatch(volume -> volume.covers(path));
  }

  /**
   * Finds the program before anything is set up, since no runtime tells one failure from another.
   *
   * @throws RunException with the status for a missing program or one that cannot be executed
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
          "cannot be executed: " + Bytes.shown(program), RunException.NOT_EXECUTABLE);
    }
    String where = program.indexOf('/') < 0 ? " in the image's PATH" : " in the image";
    throw new RunException("there is no " + Bytes.shown(program) + where, RunException.NOT_FOUND);
  }
}
