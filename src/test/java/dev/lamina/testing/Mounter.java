package dev.lamina.testing;

import dev.lamina.fuse.Capabilities;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The union file systems that tests mount and compare. */
public enum Mounter {
  KERNEL_OVERLAY,
  LAMINA_KERNEL,
  LAMINA_LIBFUSE,
  /** The distribution's fuse-overlayfs, for measuring beside it; not a reference. */
  FUSE_OVERLAYFS,
  /**
   * {@link #LAMINA_KERNEL} with its requests over io_uring, which switches that on in the kernel:
   * for runs that ask for it.
   */
  LAMINA_IO_URING;

  /** Everything the tests ask about; the kernel's own overlayfs has it all. */
  private static final Capabilities ALL = new Capabilities(true, true, true, true, true, true);

  /**
   * Mounts and returns when the mount serves.
   *
   * @param options more mount options, each {@code name} or {@code name=value}
   */
  public void mount(Layers layers, Path mountPoint, String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    all.add(0, this == KERNEL_OVERLAY ? shorter(layers, mountPoint) : layers.options());
    List<String> command = new ArrayList<>(command());
    command.addAll(List.of("-o", String.join(",", all), mountPoint.toString()));
    ProcessBuilder builder = new ProcessBuilder(command);
    if (this == KERNEL_OVERLAY) {
      builder.directory(mountPoint.getParent().toFile());
    }
    Commands.run(builder).succeed();
  }

  /** The program and its arguments before the options and the mount point. */
  public List<String> command() {
    return switch (this) {
      case KERNEL_OVERLAY -> List.of("mount", "-t", "overlay", "overlay");
      case LAMINA_KERNEL ->
          List.of("scripts/lamina", "mount", "--transport=kernel", "-o", "io_uring=off");
      case LAMINA_IO_URING ->
          List.of("scripts/lamina", "mount", "--transport=kernel", "-o", "io_uring=on");
      case LAMINA_LIBFUSE -> List.of("scripts/lamina", "mount", "--transport=libfuse");
      case FUSE_OVERLAYFS -> List.of("fuse-overlayfs");
    };
  }

  /** The options relative to the mount point's parent: mount(2) takes one page at most. */
  private static String shorter(Layers layers, Path mountPoint) {
    return layers.options().replace(mountPoint.getParent() + "/", "");
  }

  /** Lamina over each of its transports, as every run has them. */
  public static Stream<Mounter> transports() {
    return Stream.of(LAMINA_KERNEL, LAMINA_LIBFUSE);
  }

  /** True for Lamina, over whichever transport. */
  public boolean isLamina() {
    return name().startsWith("LAMINA_");
  }

  /** What can be asked of this mount at all; tests of the rest do not apply. */
  public Capabilities capabilities() {
    return switch (this) {
      case LAMINA_LIBFUSE -> new Capabilities(false, true, true, false, false, false);
      case FUSE_OVERLAYFS -> new Capabilities(false, false, false, false, false, true);
      default -> ALL;
    };
  }

  /**
   * Renames directories that have contents in lower layers, by writing redirects. Lamina reads
   * redirects but writes none: it answers EXDEV, as kernel overlayfs does by default (redirect_dir
   * off), and mv(1) copies.
   */
  public boolean renamesLowerDirectories() {
    return this == KERNEL_OVERLAY;
  }

  /** Changes the metadata of a lower file without copying its data; Lamina only reads these. */
  public boolean writesMetacopies() {
    return this == KERNEL_OVERLAY;
  }

  /**
   * Unmounts, failing when the mount is busy, and waits until its daemon has ended. That is longer
   * than a mount waits for an upper that another one has: a process beside the test may have the
   * mount in a namespace of its own, where it lasts as long as that.
   */
  public void unmount(Path mountPoint) {
    if (isLamina()) {
      Commands.run("scripts/lamina", "umount", mountPoint.toString()).succeed();
      Daemon.awaitNone(mountPoint);
    } else {
      Commands.run("umount", mountPoint.toString()).succeed();
    }
  }
}
