package dev.lamina.image.store;

import dev.lamina.image.file.FileLock;
import dev.lamina.image.file.HostPaths;
import dev.lamina.sys.Linux;
import java.nio.file.Path;

/** The lock on a mount that a process holds while it serves the mount. */
public final class MountHold implements AutoCloseable {
  private final MountRecord mount;
  private final FileLock lock;
  private final Path isNew;

  MountHold(MountRecord mount, FileLock lock, Path isNew) {
    this.mount = mount;
    this.lock = lock;
    this.isNew = isNew;
  }

  /** Notes that the mount serves: from now on it is kept when it ends. */
  public void serves() {
    Linux.unlinkat(Linux.AT_FDCWD, HostPaths.bytes(isNew), 0);
  }

  public MountRecord mount() {
    return mount;
  }

  @Override
  public void close() {
    lock.close();
  }
}
