package dev.lamina.image.store;

/** Held by the process that serves a mount, for as long as it does. */
public final class MountHold implements AutoCloseable {
  private final MountRecord mount;
  private final FileLock lock;

  MountHold(MountRecord mount, FileLock lock) {
    this.mount = mount;
    this.lock = lock;
  }

  public MountRecord mount() {
    return mount;
  }

  @Override
  public void close() {
    lock.close();
  }
}
