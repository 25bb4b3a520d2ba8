package dev.lamina.differential;

import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Layers;
import dev.lamina.testing.Mounter;
import dev.lamina.testing.Waiting;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A mount, its layers, and a descriptor on its root. */
final class MountedSide implements AutoCloseable {
  private final Mounter mounter;
  private final Layers layers;
  private final Path mountPoint;
  private final List<String> options;
  private int rootFd = -1;

  /** Mounts. */
  MountedSide(Mounter mounter, Layers layers, Path mountPoint, List<String> options) {
    this.mounter = mounter;
    this.layers = layers;
    this.mountPoint = mountPoint;
    this.options = options;
    mount();
  }

  /** An O_PATH descriptor; it stays this object's. */
  int rootFd() {
    return rootFd;
  }

  Path mountPoint() {
    return mountPoint;
  }

  /** Unmounts, which fails while the mount is busy, and mounts again. */
  void remount() {
    close();
    mount();
  }

  private void mount() {
    mounter.mount(layers, mountPoint, options.toArray(String[]::new));
    rootFd = openDirectory(mountPoint, OpenFlags.O_PATH);
  }

  @Override
  public void close() {
    if (rootFd >= 0) {
      Linux.close(rootFd);
      rootFd = -1;
      unmount();
    }
  }

  /**
   * Unmounts. For a moment the mount may be busy without a fault: a program that another thread is
   * just starting has copies of all descriptors until its exec.
   */
  private void unmount() {
    long deadline = System.nanoTime() + Waiting.HANG.toNanos();
    while (true) {
      try {
        mounter.unmount(mountPoint);
        return;
      } catch (AssertionError e) {
        if (!String.valueOf(e.getMessage()).contains("busy") || System.nanoTime() > deadline) {
          throw e;
        }
        Waiting.pause();
      }
    }
  }

  /** Opens a directory of the harness's own; the descriptor is the caller's to close. */
  static int openDirectory(Path path, int flags) {
    byte[] name = path.toString().getBytes(StandardCharsets.ISO_8859_1);
    int fd = Linux.openat(Linux.AT_FDCWD, name, flags | OpenFlags.O_DIRECTORY, 0);
    if (fd < 0) {
      throw new AssertionError(path + ": " + Facts.result(fd));
    }
    return fd;
  }
}
