package dev.lamina.image.layer;

import dev.lamina.testing.Layers;
import dev.lamina.testing.Mounter;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Snapshot;
import dev.lamina.testing.Tree;
import dev.lamina.testing.TreeState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A stack of layers that is changed through a mount, and the layers that are made from its uppers,
 * applied one on another. Closing it unmounts and deletes everything.
 */
public final class UpperUnderTest implements AutoCloseable {
  public static final String[] ALL_MARKS = {"redirect_dir=on", "metacopy=on"};

  private final Sandbox sandbox = new Sandbox();
  private final Path merged = sandbox.directory("merged");
  private final Path applied = sandbox.directory("applied");

  /** The layers of the mount, topmost first. */
  private final List<Path> layers = new ArrayList<>();

  /** The same layers, each unpacked from an archive. */
  private final List<Path> copies = new ArrayList<>();

  private Path upper;
  private Path work;
  private int rounds;

  public UpperUnderTest() {
    Path base = sandbox.directory("base");
    layers.add(base);
    copies.add(base);
  }

  /** Returns the lowest layer, which is to be filled before anything is mounted. */
  public Tree base() {
    return new Tree(layers.get(layers.size() - 1));
  }

  Tree upper() {
    return new Tree(upper);
  }

  public Tree merged() {
    return new Tree(merged);
  }

  public Path root() {
    return sandbox.root();
  }

  /** Returns the upper and the layers below it. */
  List<Path> stack() {
    List<Path> all = new ArrayList<>(layers);
    all.add(0, upper);
    return all;
  }

  /** Makes a new upper, which is not mounted. */
  void startUpper() {
    rounds++;
    upper = sandbox.directory("upper" + rounds);
    work = sandbox.directory("work" + rounds);
    AppliedLayer.copyRoot(new Tree(layers.get(0)), upper());
  }

  public void mount(Mounter mounter, String... options) {
    if (upper == null) {
      startUpper();
    }
    mounter.mount(new Layers(layers, upper, work), merged, options);
  }

  public void unmount(Mounter mounter) {
    mounter.unmount(merged);
  }

  public byte[] diff() {
    return Stacks.diff(stack());
  }

  /**
   * Makes a layer from the upper, which must not be mounted, and fails unless it shows what the
   * mount has shown, hard links included. Afterwards the upper is a lower layer.
   *
   * @return the layer
   */
  byte[] commit(TreeState expected) {
    byte[] tar = commit();
    Snapshot.assertSame(
        "the tree with the layer applied", expected.lines(path -> 0), appliedTree());
    return tar;
  }

  /**
   * Does the same where a file of a renamed directory may have another name in the same lower
   * layer: a layer cannot have a link to a file of another layer.
   */
  void commitAllowingPartedLinks(TreeState expected) {
    commit();
    Snapshot.assertSame(
        "the tree with the layer applied", expected.lines(this::copyThatShows), appliedTree());
  }

  private int copyThatShows(String path) {
    int index = 0;
    while (new Tree(copies.get(index)).lstat(path) != 0) {
      index++;
    }
    return index;
  }

  private byte[] commit() {
    byte[] tar = diff();
    Path copy = sandbox.directory("copy" + rounds);
    AppliedLayer.unpack(tar, copy, copies.get(0));
    copies.add(0, copy);
    layers.add(0, upper);
    upper = null;
    return tar;
  }

  /** Returns what the layers made so far show. */
  Map<String, String> appliedTree() {
    // The kernel does not mount a single layer without an upper.
    List<Path> lower = new ArrayList<>(copies);
    if (lower.size() == 1) {
      lower.add(sandbox.directory("empty"));
    }
    Mounter.KERNEL_OVERLAY.mount(new Layers(lower, null, null), applied);
    try {
      return AppliedLayer.snapshot(new Tree(applied));
    } finally {
      Mounter.KERNEL_OVERLAY.unmount(applied);
    }
  }

  @Override
  public void close() {
    sandbox.close();
  }
}
