package dev.lamina.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.cli.options.StoreRoot;
import dev.lamina.fuse.Fusermount;
import dev.lamina.fuse.MountException;
import dev.lamina.image.file.HostPaths;
import dev.lamina.image.store.MountRecord;
import dev.lamina.image.store.Store;
import dev.lamina.mount.MountPoint;
import dev.lamina.sys.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code lamina umount}, which unmounts a directory. */
@Command(name = "umount", description = "Unmount a directory. The daemon of the mount then ends.")
final class UmountCommand implements Callable<Integer> {
  private static final int ENDING_TRIES = 500;
  private static final long ENDING_PAUSE_MILLIS = 10;

  @Option(
      names = {"-l", "--lazy"},
      description = "Detach the mount now, even if it is busy.")
  private boolean lazy;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  private boolean help;

  @Parameters(
      paramLabel = "MOUNTPOINT|NAME",
      description = "The mount point, or the name of an image's mount.")
  private String mountPoint;

  @Mixin private StoreRoot root;

  @Override
  public Integer call() throws MountException, IOException {
    byte[] path = MountPoint.absoluteName(mountPoint.getBytes(ISO_8859_1));
    if (!MountPoint.isLamina(path)) {
      byte[] named = byName();
      // The path is resolved only now, because that opens it, which fails for a mount whose daemon
      // has ended. A symbolic link must be followed.
      path = named != null ? named : MountPoint.resolve(path);
    }
    if (!MountPoint.isLamina(path)) {
      throw new MountException(mountPoint + ": Lamina is not mounted there");
    }
    int result = Fusermount.unmount(path, lazy);
    if (result == -Errno.EBUSY) {
      throw new MountException(
          mountPoint + ": busy: a process still uses it (--lazy detaches it anyway)");
    }
    if (result < 0) {
      throw new MountException(mountPoint + ": " + Errno.message(-result));
    }
    if (!lazy) {
      awaitEnd(path);
    }
    return ExitCode.OK;
  }

  /**
   * Waits until the daemon of an image's mount has released the mount, so that it can be removed or
   * mounted again at once.
   */
  private void awaitEnd(byte[] path) throws IOException {
    Path directory = root.directory();
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (Store store = Store.open(directory)) {
      MountRecord mount = store.mounts().find(new String(path, ISO_8859_1));
      for (int i = 0; i < ENDING_TRIES && mount != null && store.mounts().isServed(mount); i++) {
        Thread.sleep(ENDING_PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns the mount point of the mount with that name; null when no such mount is mounted. */
  private byte[] byName() throws MountException, IOException {
    Path directory = root.directory();
    if (mountPoint.indexOf('/') < 0 && Files.isDirectory(directory)) {
      try (Store store = Store.open(directory)) {
        MountRecord mount = store.mounts().find(mountPoint);
        if (mount != null && MountPoint.isLamina(HostPaths.bytes(mount.mountPoint()))) {
          return HostPaths.bytes(mount.mountPoint());
        }
      }
    }
    return null;
  }
}
