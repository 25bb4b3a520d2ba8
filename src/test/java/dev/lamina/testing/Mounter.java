package dev.lamina.testing;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The union file systems that tests mount and compare. */
public enum Mounter {
  KERNEL_OVERLAY,
  LAMINA_LIBFUSE,
  /** The distribution's fuse-overlayfs, for measuring beside it; not a reference. */
  FUSE_OVERLAYFS;

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /**
   * Mounts and returns when the mount serves.
   *
   * @param options more mount options, each {@code name} or {@code name=value}
   */
  public void mount(Layers layers, Path mountPoint, String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    all.add(0, layers.options());
    List<String> command = new ArrayList<>();
    switch (this) {
      case KERNEL_OVERLAY -> command.addAll(List.of("mount", "-t", "overlay", "overlay"));
      case LAMINA_LIBFUSE ->
          command.addAll(List.of("scripts/lamina", "mount", "--transport=libfuse"));
      case FUSE_OVERLAYFS -> command.add("fuse-overlayfs");
    }
    command.addAll(List.of("-o", String.join(",", all), mountPoint.toString()));
    Commands.run(TIMEOUT, command.toArray(String[]::new)).succeed();
  }

  /** Unmounts, failing when the mount is busy. */
  public void unmount(Path mountPoint) {
    if (this == LAMINA_LIBFUSE) {
      Commands.run(TIMEOUT, "scripts/lamina", "umount", mountPoint.toString()).succeed();
    } else {
      Commands.run(TIMEOUT, "umount", mountPoint.toString()).succeed();
    }
  }
}
