package dev.lamina.run;

import dev.lamina.sys.Linux;
import dev.lamina.sys.Terminal;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A command that is about to run, with its open root file system, the directory of the run on the
 * host, and the process to start. Closing it closes the root file system and the directory.
 */
record Container(
    RunRequest request, RootDirectory root, RunDirectory runDirectory, ContainerProcess process)
    implements AutoCloseable {
  /** The kernel's file systems, which are mounted over whatever the image has there. */
  private static final List<String> SYSTEM = List.of("/proc", "/sys", "/dev");

  static final int STANDARD_INPUT = 0;

  /** Checks the request and the image, and makes the mount points, before anything is started. */
  static Container prepare(RunRequest request) throws RunException {
    if (request.isTerminal() && !Terminal.isTerminal(STANDARD_INPUT)) {
      throw new RunException(
          "standard input is not a terminal, which -t needs: leave out -t, or run it in a terminal");
    }
    RootDirectory root = RootDirectory.open(request.root, request.notes());
    try {
      RunDirectory runDirectory = RunDirectory.make(request.stateDirectory(), request.id());
      try {
        refuseLinks(root);
        ContainerProcess process = ContainerProcess.of(request, root, runDirectory.id());
        process.checkProgram(root);
        Container container = new Container(request, root, runDirectory, process);
        container.makeWorkingDirectory();
        container.makeVolumeTargets();
        return container;
      } catch (RunException | RuntimeException e) {
        runDirectory.close();
        throw e;
      }
    } catch (RunException | RuntimeException e) {
      root.removeTargets();
      root.close();
      throw e;
    }
  }

  /**
   * Refuses an image in which /proc, /sys or /dev is a symbolic link. With such an image runc 1.1
   * mounts within the root, but makes links such as /dev/fd where /dev leads, outside the root.
   */
  private static void refuseLinks(RootDirectory root) throws RunException {
    for (String top : SYSTEM) {
      Linux.close(root.makeOwnDirectory(top.substring(1)));
    }
  }

  /**
   * Makes the working directory, as Docker and runc do. One on a volume is made when the volume is
   * mounted.
   */
  private void makeWorkingDirectory() throws RunException {
    String directory = process.directory();
    if (!isCovered(directory, process.volumes())) {
      Linux.close(root.makeDirectory(directory));
    }
  }

  /** Returns whether the path will be in another file system once everything is mounted. */
  private static boolean isCovered(String path, List<Volume> volumes) {
    return volumes.stream().anyMatch(volume -> volume.covers(path))
        || SYSTEM.stream().anyMatch(top -> (path + "/").startsWith(top + "/"));
  }

  /**
   * Makes the mount points of volumes that are in the root file system. One that is on another
   * volume is made on that volume, and stays there.
   */
  private void makeVolumeTargets() throws RunException {
    List<Volume> volumes = process.volumes();
    for (int i = 0; i < volumes.size(); i++) {
      Volume volume = volumes.get(i);
      // The list is sorted: a volume that this one may be on comes before it.
      if (!isCovered(RootDirectory.clean(volume.target()), volumes.subList(0, i))) {
        root.makeTarget(volume.target(), volume.isDirectory());
      }
    }
  }

  /** Returns the files to mount over the image's files in /etc, by their paths in the image. */
  Map<String, Path> networkFiles() throws RunException {
    Map<String, Path> files = new LinkedHashMap<>();
    NetworkFiles.write(runDirectory, process.hostname())
        .forEach(
            (target, file) -> {
              boolean replaced =
                  process.volumes().stream().anyMatch(volume -> volume.covers(target));
              if (!replaced && root.hasPlaceFor(target)) {
                files.put(target, file);
              }
            });
    return files;
  }

  @Override
  public void close() throws RunException {
    root.removeTargets();
    root.close();
    runDirectory.close();
  }
}
