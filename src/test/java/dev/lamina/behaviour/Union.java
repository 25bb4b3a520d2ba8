package dev.lamina.behaviour;

import dev.lamina.sys.Mounts;
import dev.lamina.sys.TestCalls;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Layers;
import dev.lamina.testing.Mounter;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Tree;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/** Layers in a sandbox and their mount. Closing it unmounts and deletes everything. */
final class Union implements AutoCloseable {
  private static final Set<Union> OPEN = ConcurrentHashMap.newKeySet();

  private final Mounter mounter;
  private final Sandbox sandbox = new Sandbox();
  private final Layers layers;
  private final Path mountPoint = sandbox.directory("merged");
  private String[] options = {};

  private Union(Mounter mounter, int lowers, boolean writable) {
    this(mounter, lowers, writable, null);
  }

  private Union(Mounter mounter, int lowers, boolean writable, String tmpfs) {
    this.mounter = mounter;
    Path place = sandbox.root();
    if (tmpfs != null) {
      place = sandbox.directory("small");
      Commands.run("mount", "-t", "tmpfs", "-o", tmpfs, "tmpfs", place.toString()).succeed();
    }
    List<Path> lower =
        IntStream.range(0, lowers).mapToObj(i -> sandbox.directory("l" + i)).toList();
    layers =
        writable
            ? new Layers(lower, directory(place, "upper"), directory(place, "work"))
            : new Layers(lower, null, null);
    // Tests look at the mount as other users, too.
    Tree.ok(new Tree(sandbox.root()).chmod("", 0755));
    OPEN.add(this);
  }

  /** Not yet mounted. */
  static Union writable(Mounter mounter, int lowers) {
    return new Union(mounter, lowers, true);
  }

  /** With upper and work directory on a file system of this size; not yet mounted. */
  static Union withSmallUpper(Mounter mounter, int lowers, int upperMib) {
    return new Union(mounter, lowers, true, "size=" + upperMib + "m");
  }

  /** The same with a number of inodes that is soon used up. */
  static Union withFewInodes(Mounter mounter, int lowers) {
    return new Union(mounter, lowers, true, "nr_inodes=50");
  }

  private static Path directory(Path parent, String name) {
    new Tree(parent).directory(name);
    return parent.resolve(name);
  }

  /** Without an upper; not yet mounted. */
  static Union readOnly(Mounter mounter, int lowers) {
    return new Union(mounter, lowers, false);
  }

  /** A lower layer; 0 is the topmost. */
  Tree lower(int index) {
    return new Tree(layers.lower().get(index));
  }

  Tree lower() {
    return lower(0);
  }

  Tree upper() {
    return new Tree(layers.upper());
  }

  Tree work() {
    return new Tree(layers.work());
  }

  Tree merged() {
    return new Tree(mountPoint);
  }

  Layers layers() {
    return layers;
  }

  Path mountPoint() {
    return mountPoint;
  }

  Sandbox sandbox() {
    return sandbox;
  }

  Union mount(String... moreOptions) {
    options = moreOptions;
    mountAs(mounter, moreOptions);
    return this;
  }

  /** Mounts the same layers with another mounter, to see what one makes of the other's marks. */
  void mountAs(Mounter mounter, String... moreOptions) {
    List<String> all = new ArrayList<>(List.of(moreOptions));
    if (mounter == Mounter.KERNEL_OVERLAY) {
      // Lamina always does what these ask of the kernel.
      all.add(layers.upper() == null ? "redirect_dir=follow" : "redirect_dir=on");
      all.add("metacopy=on");
    }
    mounter.mount(layers, mountPoint, all.toArray(String[]::new));
  }

  void unmount() {
    unmountAs(mounter);
  }

  void unmountAs(Mounter mounter) {
    mounter.unmount(mountPoint);
  }

  /** Unmounts, and mounts again with the same options. */
  void remount() {
    unmount();
    mount(options);
  }

  /**
   * Detaches all mounts of all unions, whatever state they are in. MNT_FORCE first: it ends the
   * connection to a daemon, so that a thread that waits for an answer gets one.
   */
  static void detachAll() {
    for (Union union : OPEN) {
      for (Path point : Sandbox.mountsBelow(union.sandbox.root())) {
        byte[] name = Tree.bytes(point.toString());
        Mounts.umount2(name, TestCalls.MNT_FORCE | Mounts.UMOUNT_NOFOLLOW);
        Mounts.umount2(name, Mounts.MNT_DETACH | Mounts.UMOUNT_NOFOLLOW);
      }
    }
  }

  @Override
  public void close() {
    OPEN.remove(this);
    sandbox.close();
  }
}
