package dev.lamina.image.store;

import dev.lamina.image.file.FileLock;
import dev.lamina.image.file.HostPaths;
import dev.lamina.sys.Linux;
import java.nio.file.Path;

/** Held by the process that serves a mount, for as long as it does. */
public final class MountHold implements AutoCloseable {
  private final MountRecord mount;
  private final FileLock lock;
  private final Path isNew;

  MountHold(MountRecord mount, FileLock lock, Path isNew) {
    this.mount = mount;
    this.lock = lock;
    this.isNew = isNew;
  }

  /** It is served, and from now on it is kept when it is not any more. */
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
