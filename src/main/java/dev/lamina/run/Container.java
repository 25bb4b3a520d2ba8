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
record Container(RunRequest request, RootDirectory root, WorkArea area, ContainerProcess process)
    implements AutoCloseable {
  /** Mounted over, so that what the image has there does not matter. */
  private static final List<String> SYSTEM = List.of("/proc", "/sys", "/dev");

  static final int STANDARD_INPUT = 0;

  /** Looks at everything that can be wrong before anything is started. */
  static Container prepare(RunRequest request) throws RunException {
    if (request.isTerminal() && !Terminal.isTerminal(STANDARD_INPUT)) {
      throw new RunException("for a terminal (-t) standard input must be one");
    }
    RootDirectory root = RootDirectory.open(request.root);
    try {
      WorkArea area = WorkArea.make(request.stateDirectory());
      try {
        refuseLinks(root);
        ContainerProcess process = ContainerProcess.of(request, root, area.id());
        process.checkProgram(root);
        Container container = new Container(request, root, area, process);
        container.makeWorkingDirectory();
        return container;
      } catch (RunException | RuntimeException e) {
        area.close();
        throw e;
      }
    } catch (RunException | RuntimeException e) {
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
    boolean elsewhere =
        process.volumes().stream().anyMatch(volume -> volume.covers(directory))
            || SYSTEM.stream().anyMatch(top -> (directory + "/").startsWith(top + "/"));
    if (!elsewhere) {
      Linux.close(root.makeDirectory(directory));
    }
  }

  /** What to mount over the image's files, by path, besides what is there for every command. */
  Map<String, Path> networkFiles() throws RunException {
    Map<String, Path> files = new LinkedHashMap<>();
    NetworkFiles.write(area, process.hostname())
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
    root.close();
    area.close();
  }
}
