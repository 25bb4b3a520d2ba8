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
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import java.util.ArrayList;
import java.util.List;

/** Opens the layers of a union, checks that they fit together, and builds the file system. */
public final class UnionSetup {
  private static final byte[] DOT = {'.'};
  private static final int SHARE_OF_DESCRIPTORS = 2;
  private static final int MOST_DIRECTORIES = 32_768;

  private final UnionConfig config;
  private final DescriptorCache cache;
  private final List<Layer> layers = new ArrayList<>();

  /** Null without an upper. */
  private UpperSetup upper;

  private UnionSetup(UnionConfig config, long descriptors) {
    this.config = config;
    long share = Math.min(descriptors / SHARE_OF_DESCRIPTORS, MOST_DIRECTORIES);
    this.cache = new DescriptorCache((int) share);
  }

  /**
   * Builds a union. The file system holds the layers open; {@link FuseFileSystem#destroy} closes
   * them.
   *
   * @param descriptors how many the process may have open
   * @throws MountException in words for the user; then nothing is open, and nothing has changed
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
      throw new MountException("no lower layer is given");
    }
    if (config.upper() != null) {
      openUpper();
    }
    for (byte[] lower : config.lower()) {
      int fd = protect(openDirectory("lower layer", lower), lower);
      layers.add(new DirectoryLayer(layers.size(), false, quote(lower), fd, cache));
    }
    return fileSystem();
  }

  /**
   * The same layer through a private copy of its mount: without what is mounted below it, as
   * overlayfs sees a layer, our own mount among it; and read-only, though nothing writes there in
   * any case. What the kernel does not allow is done without.
   */
  private static int protect(int fd, byte[] path) {
    int clone = Linux.cloneTree(fd);
    if (clone < 0) {
      Log.debug(UnionSetup.class, "{}: no private mount: {}", quote(path), Errno.message(-clone));
      return fd;
    }
    Linux.close(fd);
    int result = Mounts.protect(clone);
    if (result < 0) {
      Log.debug(UnionSetup.class, "{}: not read-only: {}", quote(path), Errno.message(-result));
    }
    return clone;
  }

  private void openUpper() throws MountException {
    int fd = openDirectory("upper directory", config.upper());
    try {
      upper = UpperSetup.prepare(config, cache, fd);
    } catch (MountException | RuntimeException e) {
      Linux.close(fd);
      throw e;
    }
    boolean isWritable = upper.work() != null;
    // Where nothing can be written it is one more layer to read.
    int layer = isWritable ? fd : protect(fd, config.upper());
    layers.add(new DirectoryLayer(0, isWritable, quote(config.upper()), layer, cache));
  }

  private UnionFileSystem fileSystem() throws MountException {
    LayerStack stack = new LayerStack(layers);
    Stat top = new Stat();
    int result = stack.get(0).root().stat(Linux.EMPTY, top);
    if (result < 0) {
      throw failure("layer", stack.get(0).description().getBytes(ISO_8859_1), result);
    }
    InodeTable table = new InodeTable();
    Merge merge = new Merge(stack);
    InodeNumbers numbers = new InodeNumbers(config.xino(), devices(stack));
    UpperFormat format = upper == null ? UpperFormat.KERNEL : upper.format();
    NumberMarks marks = marks(stack, format, numbers);
    Union union =
        new Union(
            stack,
            merge,
            table,
            numbers,
            marks,
            format,
            new Protection(format),
            upper == null ? new Traps() : upper.traps(),
            upper == null ? null : upper.work(),
            config.isVolatile(),
            new PassthroughPolicy(config.passthrough(), backingDepth()),
            upper == null ? List.of() : upper.locks());
    Inode root = root(merge, numbers);
    root.protection = Protection.of(top, root.isUpper());
    table.addUnnamed(root);
    return new UnionFileSystem(union, upper == null ? null : upper.whyReadOnly());
  }

  /** Of the layers, in their order, on which alone inode numbers may depend. */
  private static long[] devices(LayerStack stack) throws MountException {
    long[] devices = new long[stack.size()];
    Stat stat = new Stat();
    for (int i = 0; i < devices.length; i++) {
      int result = stack.get(i).root().stat(Linux.EMPTY, stat);
      if (result < 0) {
        throw failure("layer", stack.get(i).description().getBytes(ISO_8859_1), result);
      }
      devices[i] = stat.dev;
    }
    return devices;
  }

  private static NumberMarks marks(LayerStack stack, UpperFormat format, InodeNumbers numbers)
      throws MountException {
    try {
      return new NumberMarks(stack, format, numbers);
    } catch (ErrnoException e) {
      throw new MountException("the layers' root directories: " + Errno.message(e.errno()));
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
      int result = layer.root().statfs(stat);
      if (result < 0) {
        throw failure("layer", layer.description().getBytes(ISO_8859_1), result);
      }
      if (stat.isStacked()) {
        needed = 2;
      }
    }
    // The kernel stacks file systems two deep (FILESYSTEM_MAX_STACK_DEPTH).
    int above = config.overlaysAbove();
    return above < 0 ? needed : Math.min(needed, UnionConfig.MOST_OVERLAYS - above);
  }

  private Inode root(Merge merge, InodeNumbers numbers) throws MountException {
    LayerDirectory[] contributors;
    try {
      contributors = merge.root(0);
    } catch (ErrnoException e) {
      throw new MountException("the layers' root directories: " + Errno.message(e.errno()));
    }
    boolean hasLower = contributors[0].isUpper() && contributors.length > 1;
    LayerDirectory numbered = contributors[hasLower ? 1 : 0];
    Stat stat = new Stat();
    int result = numbered.stat(Linux.EMPTY, stat);
    if (result < 0) {
      throw failure("layer", numbered.layer().description().getBytes(ISO_8859_1), result);
    }
    Inode root = Inode.directory(FuseFileSystem.ROOT, contributors);
    root.number = numbers.number(stat.dev, stat.ino);
    return root;
  }

  /**
   * Opens a directory that can be read.
   *
   * @return an O_PATH descriptor, the caller's to close
   */
  static int openDirectory(String what, byte[] path) throws MountException {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    int fd = Linux.openat(Linux.AT_FDCWD, path, flags, 0);
    if (fd < 0) {
      throw failure(what, path, fd);
    }
    int readable = Linux.openat(fd, DOT, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
    if (readable < 0) {
      Linux.close(fd);
      throw failure(what, path, readable);
    }
    Linux.close(readable);
    return fd;
  }

  static MountException failure(String what, byte[] path, int result) {
    return new MountException(what + " " + quote(path) + ": " + Errno.message(-result));
  }

  /** A path for a message, each byte a character: what prints messages writes them as bytes. */
  static String quote(byte[] path) {
    return new String(path, ISO_8859_1);
  }

  private void close() {
    layers.forEach(Layer::close);
    if (upper != null) {
      upper.close();
    }
  }
}
