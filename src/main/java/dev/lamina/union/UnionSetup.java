package dev.lamina.union;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.MountException;
import dev.lamina.layer.DescriptorCache;
import dev.lamina.layer.DirectoryLayer;
import dev.lamina.layer.Layer;
import dev.lamina.layer.LayerDirectory;
import dev.lamina.layer.LayerStack;
import dev.lamina.layer.Merge;
import dev.lamina.layer.UpperFormat;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.FileSystemStat;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Log;
import dev.lamina.sys.Mounts;
import dev.lamina.sys.Stat;
import dev.lamina.union.data.PassthroughPolicy;
import dev.lamina.union.inode.Inode;
import dev.lamina.union.inode.InodeNumbers;
import dev.lamina.union.inode.InodeTable;
import dev.lamina.union.inode.NumberMarks;
import dev.lamina.union.inode.Protection;
import dev.lamina.union.upper.Durability;
import dev.lamina.union.upper.SetupDirectory;
import dev.lamina.union.upper.Upper;
import dev.lamina.union.upper.UpperSetup;
import java.util.ArrayList;
import java.util.List;

/** Opens the layers of a union, checks that they fit together, and builds the file system. */
public final class UnionSetup {
  /** Directories may use the descriptors that the process may have open, divided by this. */
  private static final int SHARE_OF_DESCRIPTORS = 2;

  /** The most directories that are kept open. */
  private static final int MOST_DIRECTORIES = 32_768;

  private final UnionConfig config;
  private final DescriptorCache cache;
  private final List<Layer> layers = new ArrayList<>();
  private final Durability durability;
  private Upper upper;

  private UnionSetup(UnionConfig config, long descriptors) {
    this.config = config;
    long share = Math.min(descriptors / SHARE_OF_DESCRIPTORS, MOST_DIRECTORIES);
    this.cache = new DescriptorCache((int) share);
    durability = config.isVolatile() ? Durability.VOLATILE : Durability.SYNCHRONOUS;
    upper = Upper.none(durability);
  }

  /**
   * Builds a union. The file system holds the layers open; {@link FuseFileSystem#destroy} closes
   * them.
   *
   * @param descriptors the number of descriptors that the process may have open
   * @throws MountException in words for the user; nothing is open then, and nothing has changed
   */
  public static UnionFileSystem open(UnionConfig config, long descriptors) throws MountException {
    UnionSetup setup = new UnionSetup(config, descriptors);
    try {
      return setup.build();
    } catch (MountException | RuntimeException e) {
      setup.close();
      throw e;
    }
  }

  private UnionFileSystem build() throws MountException {
    if (config.lower().isEmpty()) {
      throw new MountException(
          "no lower layer is given: name at least one directory with the option lowerdir");
    }
    List<SetupDirectory> lowers =
        config.lower().stream().map(path -> new SetupDirectory("lower layer", path)).toList();
    if (config.upper() != null) {
      openUpper(lowers);
    }
    for (SetupDirectory lower : lowers) {
      int fd = protect(lower.open(), lower);
      layers.add(new DirectoryLayer(layers.size(), false, lower.quotedPath(), fd, cache));
    }
    return fileSystem();
  }

  /**
   * Returns a layer as seen through a private copy of its mount. As on overlayfs, the layer does
   * not contain what is mounted below it, such as this mount itself. The copy is made read-only as
   * well, although nothing is ever written there. If the kernel does not allow this, the mount does
   * without.
   */
  private static int protect(int fd, SetupDirectory directory) {
    int clone = Linux.cloneTree(fd);
    if (clone < 0) {
      Log.debug(
          UnionSetup.class,
          "{}: cannot make a private copy of its mount: {}",
          directory,
          Errno.message(-clone));
      return fd;
    }
    Linux.close(fd);
    int result = Mounts.protect(clone);
    if (result < 0) {
      Log.debug(
          UnionSetup.class,
          "{}: cannot make its mount read-only: {}",
          directory,
          Errno.message(-result));
    }
    return clone;
  }

  private void openUpper(List<SetupDirectory> lowers) throws MountException {
    SetupDirectory directory = new SetupDirectory("upper directory", config.upper());
    SetupDirectory work = new SetupDirectory("work directory", config.work());
    int fd = directory.open();
    try {
      upper = UpperSetup.prepare(directory, fd, work, lowers, durability, cache);
    } catch (MountException | RuntimeException e) {
      Linux.close(fd);
      throw e;
    }
    boolean isWritable = upper.isWritable();
    // If nothing can be written, it is one more layer to read.
    int layer = isWritable ? fd : protect(fd, directory);
    layers.add(new DirectoryLayer(0, isWritable, directory.quotedPath(), layer, cache));
  }

  private UnionFileSystem fileSystem() throws MountException {
    LayerStack stack = new LayerStack(layers);
    InodeTable table = new InodeTable();
    Stat top = new Stat();
    check(stack.get(0), stack.get(0).root().stat(Linux.EMPTY, top));
    InodeNumbers numbers = new InodeNumbers(config.xino(), devices(stack));
    NumberMarks marks = marks(stack, upper.format(), numbers);
    PassthroughPolicy passthrough = new PassthroughPolicy(config.passthrough(), backingDepth());
    Inode root = root(stack, numbers);
    Protection.initialize(root, top);
    table.addUnnamed(root);
    return new UnionFileSystem(stack, table, numbers, marks, upper, passthrough);
  }

  /** Returns the devices of the layers, in their order; inode numbers depend on nothing else. */
  private static long[] devices(LayerStack stack) throws MountException {
    long[] devices = new long[stack.size()];
    Stat stat = new Stat();
    for (int i = 0; i < devices.length; i++) {
      check(stack.get(i), stack.get(i).root().stat(Linux.EMPTY, stat));
      devices[i] = stat.dev;
    }
    return devices;
  }

  private static NumberMarks marks(LayerStack stack, UpperFormat format, InodeNumbers numbers)
      throws MountException {
    try {
      return new NumberMarks(stack, format, numbers);
    } catch (ErrnoException e) {
      throw rootFailure(e);
    }
  }

  /** See {@link FuseFileSystem#backingDepth}. */
  private int backingDepth() throws MountException {
    if (config.passthrough() == PassthroughPolicy.Choice.OFF) {
      return 0;
    }
    int needed = 1;
    FileSystemStat stat = new FileSystemStat();
    for (Layer layer : layers) {
      check(layer, layer.root().statfs(stat));
      if (stat.isStacked()) {
        needed = 2;
      }
    }
    // The kernel stacks file systems two deep (FILESYSTEM_MAX_STACK_DEPTH).
    int above = config.overlaysAbove();
    return above < 0 ? needed : Math.min(needed, UnionConfig.MOST_OVERLAYS - above);
  }

  private static Inode root(LayerStack stack, InodeNumbers numbers) throws MountException {
    LayerDirectory[] contributors;
    try {
      contributors = new Merge(stack).root(0);
    } catch (ErrnoException e) {
      throw rootFailure(e);
    }
    boolean hasLower = contributors[0].isUpper() && contributors.length > 1;
    LayerDirectory numbered = contributors[hasLower ? 1 : 0];
    Stat stat = new Stat();
    check(numbered.layer(), numbered.stat(Linux.EMPTY, stat));
    Inode root = Inode.directory(FuseFileSystem.ROOT, contributors);
    root.number = numbers.number(stat.dev, stat.ino);
    return root;
  }

  private static MountException rootFailure(ErrnoException error) {
    return new MountException(
        "cannot read the root directories of the layers: " + Errno.message(error.errno()));
  }

  private static void check(Layer layer, int result) throws MountException {
    new SetupDirectory("layer", layer.description().getBytes(ISO_8859_1)).check(result);
  }

  private void close() {
    layers.forEach(Layer::close);
    upper.close();
  }
}
