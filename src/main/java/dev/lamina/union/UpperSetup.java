package dev.lamina.union;

import static dev.lamina.union.UnionSetup.failure;
import static dev.lamina.union.UnionSetup.openDirectory;
import static dev.lamina.union.UnionSetup.quote;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.fuse.MountException;
import dev.lamina.layer.DescriptorCache;
import dev.lamina.layer.UpperFeatures;
import dev.lamina.layer.UpperFormat;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.sys.Xattrs;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the upper and the work directory ready for one mount: checks where they lie, keeps others
 * from using them, empties the work directory and finds out which marks can be written.
 */
final class UpperSetup implements AutoCloseable {
  private static final byte[] WORK = "work".getBytes(ISO_8859_1);

  private final UnionConfig config;
  private final DescriptorCache cache;
  private final List<DirectoryLock> locks = new ArrayList<>();
  private final Traps traps = new Traps();
  private WorkDirectory work;
  private UpperFormat format = UpperFormat.KERNEL;
  private String whyReadOnly;

  private UpperSetup(UnionConfig config, DescriptorCache cache) {
    this.config = config;
    this.cache = cache;
  }

  /**
   * Prepares the directories of a configuration that names them.
   *
   * @param upperFd of the upper directory; it stays the caller's
   * @throws MountException in words for the user; then nothing is held
   */
  static UpperSetup prepare(UnionConfig config, DescriptorCache cache, int upperFd)
      throws MountException {
    UpperSetup setup = new UpperSetup(config, cache);
    int workFd = openDirectory("work directory", config.work());
    try {
      setup.checkPlaces(upperFd, workFd);
      setup.lock(upperFd, workFd);
      setup.makeWorkDirectory(workFd);
      return setup;
    } catch (MountException | RuntimeException e) {
      setup.close();
      throw e;
    } finally {
      Linux.close(workFd);
    }
  }

  /** The work directory, which passes to the caller; null where nothing can be written. */
  WorkDirectory work() {
    return work;
  }

  /** The directories that no layer may show. */
  Traps traps() {
    return traps;
  }

  UpperFormat format() {
    return format;
  }

  /** Held for as long as the mount uses the directories; they pass to the caller. */
  List<DirectoryLock> locks() {
    return List.copyOf(locks);
  }

  /** Why nothing can be written, in words for the user; null where it can. */
  String whyReadOnly() {
    return whyReadOnly;
  }

  private void checkPlaces(int upperFd, int workFd) throws MountException {
    Stat upperStat = new Stat();
    Stat workStat = new Stat();
    check("upper directory", config.upper(), Linux.fstat(upperFd, upperStat));
    check("work directory", config.work(), Linux.fstat(workFd, workStat));
    if (upperStat.dev != workStat.dev || upperStat.mountId != workStat.mountId) {
      throw new MountException(
          "the upper directory "
              + quote(config.upper())
              + " and the work directory "
              + quote(config.work())
              + " are not on the same file system and mount");
    }
    try {
      if (Ancestry.overlap(upperFd, workFd)) {
        throw new MountException(
            "the upper directory "
                + quote(config.upper())
                + " and the work directory "
                + quote(config.work())
                + " overlap: neither may lie in the other");
      }
    } catch (ErrnoException e) {
      throw failure("upper directory", config.upper(), -e.errno());
    }
    for (byte[] lower : config.lower()) {
      checkLower(lower, upperFd, workFd);
    }
    // Wherever they lie: a layer may show them through a mount that is elsewhere.
    traps.add(upperStat);
    traps.add(workStat);
  }

  private static void check(String what, byte[] path, int result) throws MountException {
    if (result < 0) {
      throw failure(what, path, result);
    }
  }

  /** As on overlayfs, a lower layer may contain the other two, but not lie in them. */
  private void checkLower(byte[] lower, int upperFd, int workFd) throws MountException {
    int fd = openDirectory("lower layer", lower);
    try {
      if (Ancestry.isWithin(fd, upperFd)) {
        throw within(lower, "upper", config.upper());
      }
      if (Ancestry.isWithin(fd, workFd)) {
        throw within(lower, "work", config.work());
      }
    } catch (ErrnoException e) {
      throw failure("lower layer", lower, -e.errno());
    } finally {
      Linux.close(fd);
    }
  }

  private static MountException within(byte[] lower, String what, byte[] other) {
    return new MountException(
        "the lower layer " + quote(lower) + " lies in the " + what + " directory " + quote(other));
  }

  private void lock(int upperFd, int workFd) throws MountException {
    locks.add(DirectoryLock.take("upper directory", config.upper(), upperFd));
    locks.add(DirectoryLock.take("work directory", config.work(), workFd));
  }

  private void makeWorkDirectory(int workFd) throws MountException {
    int result = Linux.mkdirat(workFd, WORK, 0700);
    if (result < 0 && result != -Errno.EEXIST) {
      failed(result);
      return;
    }
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
    int scratch = Linux.openat(workFd, WORK, flags, 0);
    if (scratch < 0) {
      throw failure("work directory", config.work(), scratch);
    }
    work = new WorkDirectory(quote(config.upper()), cache, scratch);
    VolatileMark.check(config, scratch);
    // Or every copy would inherit it. That there is none is no error.
    Xattrs.remove(scratch, Linux.EMPTY, XattrPolicy.DEFAULT_ACL);
    result = work.clear();
    if (result == 0) {
      result = chooseFormat();
    }
    if (result < 0) {
      failed(result);
    }
  }

  /**
   * Finds out how marks can be written there.
   *
   * @return 0 or the negative errno
   */
  private int chooseFormat() throws MountException {
    UpperFeatures abilities = new UpperFeatures();
    int result = abilities.probe(work.fd(), work.newName());
    if (result == -Errno.EOPNOTSUPP) {
      throw new MountException(
          "the file system of the upper directory "
              + quote(config.upper())
              + " takes no extended attributes, which the union keeps its marks in");
    }
    if (result < 0) {
      return result;
    }
    format = abilities.format();
    if (format == null) {
      throw new MountException(
          "the file system of the upper directory "
              + quote(config.upper())
              + " cannot keep what is removed hidden: it takes neither files .wh.NAME nor lets two"
              + " names change places (RENAME_EXCHANGE)");
    }
    work.setAbilities(abilities);
    return 0;
  }

  /**
   * As overlayfs does: without room for the work directory, what is there can still be read. A file
   * system that is read-only itself is taken for a mistake.
   */
  private void failed(int result) throws MountException {
    if (result == -Errno.EROFS) {
      throw new MountException(
          "the file system of the upper directory "
              + quote(config.upper())
              + " is read-only: to mount it all the same, give the option ro");
    }
    MountException failure = failure("work directory", config.work(), result);
    if (!ErrnoException.of(-result).isNoSpace()) {
      throw failure;
    }
    whyReadOnly = failure.getMessage() + "; mounting read-only";
    if (work != null) {
      work.close();
      work = null;
    }
  }

  /** Gives everything up, when there will be no mount. */
  @Override
  public void close() {
    if (work != null) {
      work.close();
    }
    locks.forEach(DirectoryLock::close);
  }
}
