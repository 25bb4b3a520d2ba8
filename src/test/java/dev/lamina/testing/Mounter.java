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
  /**
   * The distribution's fuse-overlayfs, for comparing speed; it is not a reference for behaviour.
   */
  FUSE_OVERLAYFS,
  /**
   * {@link #LAMINA_KERNEL} with requests over io_uring, which is enabled in the kernel for it. Only
   * runs that ask for it use it.
   */
  LAMINA_IO_URING;

  /** The capabilities that tests ask for; the kernel's overlayfs has all of them. */
  private static final Capabilities ALL = new Capabilities(true, true, true, true, true, true);

  /**
   * Mounts, and returns when the mount is served.
   *
   * @param options further mount options, each {@code name} or {@code name=value}
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

  /** Returns the program and its arguments before the options and the mount point. */
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

  /**
   * Returns the options with paths relative to the mount point's parent, since mount(2) takes no
   * more than one page.
   */
  private static String shorter(Layers layers, Path mountPoint) {
    return layers.options().replace(mountPoint.getParent() + "/", "");
  }

  /** Returns Lamina over each of the transports that every run tests. */
  public static Stream<Mounter> transports() {
    return Stream.of(LAMINA_KERNEL, LAMINA_LIBFUSE);
  }

  /** Returns true for Lamina, over any transport. */
  public boolean isLamina() {
    return name().startsWith("LAMINA_");
  }

  /** Returns the capabilities of mounts; tests of other capabilities do not apply. */
  public Capabilities capabilities() {
    return switch (this) {
      case LAMINA_LIBFUSE -> new Capabilities(false, true, true, false, false, false);
      case FUSE_OVERLAYFS -> new Capabilities(false, false, false, false, false, true);
      default -> ALL;
    };
  }

  /**
   * Returns whether directories with contents in lower layers can be renamed, by writing redirects.
   * Lamina reads redirects but does not write them: it answers EXDEV, as kernel overlayfs does by
   * default (redirect_dir=off), and mv(1) copies.
   */
  public boolean renamesLowerDirectories() {
    return this == KERNEL_OVERLAY;
  }

  /**
   * Returns whether the metadata of a lower file can be changed without copying its data. Lamina
   * reads such metacopies but does not write them.
   */
  public boolean writesMetacopies() {
    return this == KERNEL_OVERLAY;
  }

  /**
   * Unmounts, fails if the mount is busy, and waits until the daemon has ended. This may take
   * longer than a mount waits for an upper that is in use: a process started by another test may
   * have the mount in its own namespace, where it exists as long as the process.
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
