package dev.lamina.run;

import dev.lamina.sys.Linux;
import dev.lamina.sys.Terminal;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A command about to be run: its root file system, open; its directory of the host's; and what to
 * run. Both are closed with it.
 */
record Container(RunRequest request, RootDirectory root, RunDirectory runDirectory, ContainerProcess process)
    implements AutoCloseable {
  /** Mounted over, so that what the image has there does not matter. */
  private static final List<String> SYSTEM = List.of("/proc", "/sys", "/dev");

  static final int STANDARD_INPUT = 0;

  /** Looks at everything that can be wrong before anything is started. */
  static Container prepare(RunRequest request) throws RunException {
    if (request.isTerminal() && !Terminal.isTerminal(STANDARD_INPUT)) {
      throw new RunException("for a terminal (-t) standard input must be one");
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
   * A place of the kernel's file systems that leads elsewhere is refused for every runtime: runc
   * 1.1 mounts within the root then, but makes links such as /dev/fd where /dev leads outside.
   */
  private static void refuseLinks(RootDirectory root) throws RunException {
    for (String top : SYSTEM) {
      Linux.close(root.makeOwnDirectory(top.substring(1)));
    }
  }

  /** As docker and runc do. On a volume it is made when that is there. */
  private void makeWorkingDirectory() throws RunException {
    String directory = process.directory();
    if (!isCovered(directory, process.volumes())) {
      Linux.close(root.makeDirectory(directory));
    }
  }

  /** Whether something else will be there than the root file system, once all is mounted. */
  private static boolean isCovered(String path, List<Volume> volumes) {
    return volumes.stream().anyMatch(volume -> volume.covers(path))
        || SYSTEM.stream().anyMatch(top -> (path + "/").startsWith(top + "/"));
  }

  /** Those in the root file system. One on another volume is made there, and stays. */
  private void makeVolumeTargets() throws RunException {
    List<Volume> volumes = process.volumes();
    for (int i = 0; i < volumes.size(); i++) {
      Volume volume = volumes.get(i);
      // Those nearer to the root come first.
      if (!isCovered(RootDirectory.clean(volume.target()), volumes.subList(0, i))) {
        root.makeTarget(volume.target(), volume.isDirectory());
      }
    }
  }

  /** What to mount over the image's files, by path, besides what is there for every command. */
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
