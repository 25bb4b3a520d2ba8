package dev.lamina.union;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.MountException;
import dev.lamina.layer.DescriptorCache;
import dev.lamina.layer.DirectoryLayer;
import dev.lamina.layer.Layer;
import dev.lamina.layer.LayerDirectory;
import dev.lamina.layer.LayerStack;
import dev.lamina.layer.Opaque;
import dev.lamina.layer.UpperFormat;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.sys.Xattrs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Opens the layers of a union, checks that they fit together, and builds the file system. */
public final class UnionSetup {
  private static final byte[] DOT = {'.'};
  private static final byte[] WORK = "work".getBytes(ISO_8859_1);
  private static final int SHARE_OF_DESCRIPTORS = 2;
  private static final int MOST_DIRECTORIES = 32_768;

  private final UnionConfig config;
  private final DescriptorCache cache;
  private final List<Layer> layers = new ArrayList<>();
  private DirectoryLayer upper;
  private WorkDirectory work;
  private UpperFormat format = UpperFormat.KERNEL;
  private DirectoryLock upperLock;
  private DirectoryLock workLock;

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
    List<byte[]> lower = config.lower();
    if (lower.isEmpty()) {
      throw new MountException("no lower layer is given");
    }
    int first = config.upper() == null ? 0 : 1;
    int upperFd = -1;
    if (first == 1) {
      upperFd = openDirectory("upper directory", config.upper());
      upper = new DirectoryLayer(0, true, quote(config.upper()), upperFd, cache);
      layers.add(upper);
    }
    for (int i = 0; i < lower.size(); i++) {
      int fd = openDirectory("lower layer", lower.get(i));
      int clone = Linux.cloneTree(fd);
      if (clone >= 0) {
        // Without what is mounted below it, as overlayfs sees a layer, and never into our own
        // mount.
        Linux.close(fd);
        fd = clone;
      }
      layers.add(new DirectoryLayer(first + i, false, quote(lower.get(i)), fd, cache));
    }
    if (first == 1) {
      openUpper(upperFd);
    }
    return fileSystem();
  }

  private void openUpper(int upperFd) throws MountException {
    int workFd = openDirectory("work directory", config.work());
    try {
      checkPlaces(upperFd, workFd);
      upperLock = DirectoryLock.take("upper directory", config.upper(), upperFd);
      workLock = DirectoryLock.take("work directory", config.work(), workFd);
      int result = Linux.mkdirat(workFd, WORK, 0700);
      if (result < 0 && result != -Errno.EEXIST) {
        throw failure("work directory", config.work(), result);
      }
      int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
      int scratch = Linux.openat(workFd, WORK, flags, 0);
      if (scratch < 0) {
        throw failure("work directory", config.work(), scratch);
      }
      work = new WorkDirectory(upper, cache, scratch);
      // Or every copy would inherit it. That there is none is no error.
      Xattrs.remove(scratch, Linux.EMPTY, XattrPolicy.DEFAULT_ACL);
      result = work.clear();
      if (result < 0) {
        throw failure("work directory", config.work(), result);
      }
      format = chooseFormat();
    } finally {
      Linux.close(workFd);
    }
  }

  private void checkPlaces(int upperFd, int workFd) throws MountException {
    Stat upperStat = new Stat();
    Stat workStat = new Stat();
    if (Linux.fstat(upperFd, upperStat) < 0 || Linux.fstat(workFd, workStat) < 0) {
      throw new MountException("the upper directory or the work directory cannot be read");
    }
    if (upperStat.dev != workStat.dev || upperStat.mountId != workStat.mountId) {
      throw new MountException(
          "the upper directory "
              + quote(config.upper())
              + " and the work directory "
              + quote(config.work())
              + " are not on the same file system and mount");
    }
    if (Ancestry.overlap(upperFd, workFd)) {
      throw new MountException(
          "the upper directory "
              + quote(config.upper())
              + " and the work directory "
              + quote(config.work())
              + " overlap: neither may lie in the other");
    }
    for (int i = 0; i < config.lower().size(); i++) {
      checkLower(config.lower().get(i), upperFd, workFd);
    }
  }

  private void checkLower(byte[] lower, int upperFd, int workFd) throws MountException {
    int fd = openDirectory("lower layer", lower);
    try {
      if (Ancestry.overlap(fd, upperFd)) {
        throw overlap(lower, "upper", config.upper());
      }
      if (Ancestry.overlap(fd, workFd)) {
        throw overlap(lower, "work", config.work());
      }
    } finally {
      Linux.close(fd);
    }
  }

  private static MountException overlap(byte[] lower, String what, byte[] other) {
    return new MountException(
        "the lower layer "
            + quote(lower)
            + " and the "
            + what
            + " directory "
            + quote(other)
            + " overlap: neither may lie in the other");
  }

  /** The kernel's marks where they can be written, those for ordinary users elsewhere. */
  private UpperFormat chooseFormat() throws MountException {
    byte[] probe = work.newName();
    int result = UpperFormat.KERNEL.makeWhiteout(work.directory(), work.fd(), probe);
    boolean devices = result == 0;
    if (devices) {
      work.discard(probe);
    }
    result = Linux.mkdirat(work.fd(), probe, 0700);
    if (result < 0) {
      throw failure("work directory", config.work(), result);
    }
    boolean trusted = UpperFormat.KERNEL.markOpaque(work.fd(), probe) == 0;
    boolean user = UpperFormat.USER.markOpaque(work.fd(), probe) == 0;
    work.discard(probe);
    if (devices && trusted) {
      return UpperFormat.KERNEL;
    }
    if (user) {
      return UpperFormat.USER;
    }
    throw new MountException(
        "the file system of the upper directory "
            + quote(config.upper())
            + " takes no extended attributes, which the union keeps its marks in");
  }

  private UnionFileSystem fileSystem() throws MountException {
    LayerStack stack = new LayerStack(layers);
    Stat top = new Stat();
    int result = stack.get(0).root().stat(Linux.EMPTY, top);
    if (result < 0) {
      throw failure("layer", stack.get(0).description().getBytes(ISO_8859_1), result);
    }
    InodeTable table = new InodeTable();
    InodeNumbers numbers = new InodeNumbers(top.dev);
    NumberMarks marks = new NumberMarks(stack, format, numbers);
    Union union =
        new Union(
            stack,
            new Merge(stack),
            table,
            numbers,
            marks,
            format,
            work,
            config.isVolatile(),
            new PassthroughPolicy(config.passthrough()),
            upper == null ? List.of() : List.of(upperLock, workLock));
    table.addRoot(root(stack, numbers));
    return new UnionFileSystem(union);
  }

  private Inode root(LayerStack stack, InodeNumbers numbers) throws MountException {
    LayerDirectory[] roots = stack.roots(0);
    int count = 1;
    while (count < roots.length && !Opaque.isOpaque(roots[count - 1])) {
      count++;
    }
    for (int i = count; i < roots.length; i++) {
      roots[i].drop();
    }
    LayerDirectory[] contributors = Arrays.copyOf(roots, count);
    LayerDirectory numbered = contributors[upper != null && count > 1 ? 1 : 0];
    Stat stat = new Stat();
    int result = numbered.stat(Linux.EMPTY, stat);
    if (result < 0) {
      throw failure("layer", numbered.layer().description().getBytes(ISO_8859_1), result);
    }
    Inode root = Inode.directory(FuseFileSystem.ROOT, contributors);
    root.number = numbers.number(stat.dev, stat.ino);
    return root;
  }

  private static int openDirectory(String what, byte[] path) throws MountException {
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
    if (work != null) {
      work.close();
    }
    if (upperLock != null) {
      upperLock.close();
    }
    if (workLock != null) {
      workLock.close();
    }
  }
}
