package dev.lamina.union.upper;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.fuse.MountException;
import dev.lamina.layer.DescriptorCache;
import dev.lamina.layer.UpperFeatures;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.sys.Xattrs;
import java.util.ArrayList;
import java.util.List;

/**
 * Prepares the upper and the work directory for one mount: checks where they lie, keeps other
 * mounts from using them, empties the work directory and finds out which marks can be written.
 */
public final class UpperSetup {
  private static final byte[] WORK = "work".getBytes(ISO_8859_1);

  private final SetupDirectory upper;
  private final SetupDirectory work;
  private final List<DirectoryLock> locks = new ArrayList<>();
  private final Traps traps = new Traps();

  /** Null if nothing can be written. */
  private WorkDirectory workDirectory;

  private String whyReadOnly;

  private UpperSetup(SetupDirectory upper, SetupDirectory work) {
    this.upper = upper;
    this.work = work;
  }

  /**
   * Prepares the directories.
   *
   * @param lowers the lower layers, none of which may lie in the other two
   * @param upperFd a descriptor of the upper directory, which remains the caller's
   * @throws MountException in words for the user; nothing is held then
   */
  public static Upper prepare(
      SetupDirectory upper,
      int upperFd,
      SetupDirectory work,
      List<SetupDirectory> lowers,
      Durability durability,
      DescriptorCache cache)
      throws MountException {
    UpperSetup setup = new UpperSetup(upper, work);
    int workFd = work.open();
    try {
      setup.checkPlaces(upperFd, workFd, lowers);
      setup.locks.add(DirectoryLock.take(upper, upperFd));
      setup.locks.add(DirectoryLock.take(work, workFd));
      setup.makeWorkDirectory(workFd, cache);
      return setup.finish(durability);
    } catch (MountException | RuntimeException e) {
      setup.finish(durability).close();
      throw e;
    } finally {
      Linux.close(workFd);
    }
  }

  private Upper finish(Durability durability) {
    return new Upper(durability, traps, locks, workDirectory, whyReadOnly);
  }

  private void checkPlaces(int upperFd, int workFd, List<SetupDirectory> lowers)
      throws MountException {
    Stat upperStat = new Stat();
    Stat workStat = new Stat();
    upper.check(Linux.fstat(upperFd, upperStat));
    work.check(Linux.fstat(workFd, workStat));
    if (upperStat.dev != workStat.dev || upperStat.mountId != workStat.mountId) {
      throw new MountException(
          "the "
              + upper
              + " and the "
              + work
              + " are not on the same file system and mount: choose a work directory beside the"
              + " upper directory");
    }
    try {
      if (Ancestry.overlap(upperFd, workFd)) {
        throw new MountException(
            "the " + upper + " and the " + work + " overlap: neither may lie in the other");
      }
    } catch (ErrnoException e) {
      throw upper.failure(-e.errno());
    }
    for (SetupDirectory lower : lowers) {
      checkLower(lower, upperFd, workFd);
    }
    // Always, wherever they lie: a layer may show them through a mount that lies elsewhere.
    traps.add(upperStat);
    traps.add(workStat);
  }

  /** As on overlayfs, a lower layer may contain the other two directories but not lie in them. */
  private void checkLower(SetupDirectory lower, int upperFd, int workFd) throws MountException {
    int fd = lower.open();
    try {
      if (Ancestry.isWithin(fd, upperFd)) {
        throw within(lower, upper);
      }
      if (Ancestry.isWithin(fd, workFd)) {
        throw within(lower, work);
      }
    } catch (ErrnoException e) {
      throw lower.failure(-e.errno());
    } finally {
      Linux.close(fd);
    }
  }

  private static MountException within(SetupDirectory lower, SetupDirectory other) {
    return new MountException(
        "the " + lower + " lies in the " + other + ": it would change with every write");
  }

  private void makeWorkDirectory(int workFd, DescriptorCache cache) throws MountException {
    int result = Linux.mkdirat(workFd, WORK, 0700);
    if (result < 0 && result != -Errno.EEXIST) {
      failed(result);
      return;
    }
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
    int scratch = Linux.openat(workFd, WORK, flags, 0);
    work.check(scratch);
    workDirectory = new WorkDirectory(upper.quotedPath(), cache, scratch);
    VolatileMark.check(upper, work, scratch);
    // Every copy would inherit the default ACL. It is no error if there is none.
    Xattrs.remove(scratch, Linux.EMPTY, XattrPolicy.DEFAULT_ACL);
    result = workDirectory.clear();
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
    UpperFeatures features = new UpperFeatures();
    int result = features.probe(workDirectory.fd(), workDirectory.newName());
    if (result == -Errno.EOPNOTSUPP) {
      throw new MountException(
          "the file system of the "
              + upper
              + " does not support extended attributes, which Lamina needs for its marks: choose an"
              + " upper directory on another file system");
    }
    if (result < 0) {
      return result;
    }
    if (features.format() == null) {
      throw new MountException(
          "the file system of the "
              + upper
              + " cannot hide removed files: it supports neither files named .wh.NAME nor the"
              + " exchange of two names (RENAME_EXCHANGE); choose an upper directory on another"
              + " file system");
    }
    workDirectory.setFeatures(features);
    return 0;
  }

  /**
   * Decides about a failure as overlayfs does: if there is no room for the work directory, the
   * existing contents can still be read; a file system that is itself read-only is taken for a
   * mistake.
   */
  private void failed(int result) throws MountException {
    if (result == -Errno.EROFS) {
      throw new MountException(
          "the file system of the "
              + upper
              + " is read-only: to mount the union read-only, give the option ro");
    }
    MountException failure = work.failure(result);
    if (!ErrnoException.of(-result).isNoSpace()) {
      throw failure;
    }
    whyReadOnly = failure.getMessage() + "; mounting read-only";
    if (workDirectory != null) {
      workDirectory.close();
      workDirectory = null;
    }
  }
}
