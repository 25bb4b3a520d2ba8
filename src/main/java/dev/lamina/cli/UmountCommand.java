package dev.lamina.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.fuse.Fusermount;
import dev.lamina.fuse.MountException;
import dev.lamina.sys.Errno;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lamina umount}. */
@Command(name = "umount", description = "Unmounts a directory; the daemon then ends by itself.")
final class UmountCommand implements Callable<Integer> {
  @Option(
      names = {"-l", "--lazy"},
      description = "Detach it now, also when it is busy.")
  private boolean lazy;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  private boolean help;

  @Parameters(paramLabel = "MOUNTPOINT", description = "Where it is mounted.")
  private String mountPoint;

  @Override
  public Integer call() throws MountException {
    byte[] path = MountPoint.absoluteName(mountPoint.getBytes(ISO_8859_1));
    if (!MountPoint.isLamina(path)) {
      // Not by opening it at first, which fails for a dead mount; but a link must be followed.
      path = MountPoint.resolve(path);
    }
    if (!MountPoint.isLamina(path)) {
      throw new MountException(mountPoint + ": Lamina is not mounted there");
    }
    int result = Fusermount.unmount(path, lazy);
    if (result == -Errno.EBUSY) {
      throw new MountException(
          mountPoint + ": busy: a process still works in it (--lazy detaches it all the same)");
    }
    if (result < 0) {
      throw new MountException(mountPoint + ": " + Errno.message(-result));
    }
    return ExitCode.OK;
  }
}
