package dev.lamina.fuse.kernel;

import dev.lamina.fuse.DeferredException;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.SpaceRetry;
import dev.lamina.fuse.wire.BatchForgetIn;
import dev.lamina.fuse.wire.CopyFileRangeIn;
import dev.lamina.fuse.wire.CreateIn;
import dev.lamina.fuse.wire.FallocateIn;
import dev.lamina.fuse.wire.ForgetIn;
import dev.lamina.fuse.wire.ForgetOne;
import dev.lamina.fuse.wire.FsyncIn;
import dev.lamina.fuse.wire.GetattrIn;
import dev.lamina.fuse.wire.GetxattrIn;
import dev.lamina.fuse.wire.IoctlIn;
import dev.lamina.fuse.wire.LinkIn;
import dev.lamina.fuse.wire.LseekIn;
import dev.lamina.fuse.wire.MkdirIn;
import dev.lamina.fuse.wire.MknodIn;
import dev.lamina.fuse.wire.Opcode;
import dev.lamina.fuse.wire.OpenIn;
import dev.lamina.fuse.wire.ReadIn;
import dev.lamina.fuse.wire.ReleaseIn;
import dev.lamina.fuse.wire.RenameIn;
import dev.lamina.fuse.wire.SetattrIn;
import dev.lamina.fuse.wire.SetxattrIn;
import dev.lamina.fuse.wire.StatxIn;
import dev.lamina.fuse.wire.WriteIn;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Log;

/** Calls the handler of a request's opcode, and turns every failure into an errno. */
final class Dispatcher {
  /** The result of a handler whose request has no answer. */
  static final int NO_ANSWER = Integer.MIN_VALUE;

  /**
   * The result of a request that has to wait for {@link Request#takeWork} and is then to be handled
   * again.
   */
  static final int DEFERRED = Integer.MIN_VALUE + 1;

  /** Reads the arguments of a request, does the work, and writes the body of the answer. */
  @FunctionalInterface
  private interface Handler extends SpaceRetry.Operation<Request> {
    /** Returns the body's length in bytes. */
    @Override
    int run(Request request) throws ErrnoException;
  }

  private final FuseFileSystem fileSystem;
  private final SpaceRetry retry;
  private final BackingFiles backings;
  private final Handler[] handlers = new Handler[Opcode.COUNT];

  /** The size of the arguments that each handler reads without checking, in bytes. */
  private final int[] argumentSizes = new int[Opcode.COUNT];

  Dispatcher(FuseFileSystem fileSystem, Connection connection, BackingFiles backings) {
    this.fileSystem = fileSystem;
    retry = new SpaceRetry(fileSystem::keepsDeleted);
    this.backings = backings;
    NameHandlers names = new NameHandlers(fileSystem, backings);
    set(Opcode.LOOKUP, 0, names::lookup);
    set(Opcode.MKNOD, MknodIn.STRUCT_SIZE, names::mknod);
    set(Opcode.MKDIR, MkdirIn.STRUCT_SIZE, names::mkdir);
    set(Opcode.SYMLINK, 0, names::symlink);
    set(Opcode.LINK, LinkIn.STRUCT_SIZE, names::link);
    set(Opcode.UNLINK, 0, names::unlink);
    set(Opcode.RMDIR, 0, names::rmdir);
    set(Opcode.RENAME, RenameIn.OLD_SIZE, names::rename);
    set(Opcode.RENAME2, RenameIn.STRUCT_SIZE, names::rename2);
    AttributeHandlers attributes = new AttributeHandlers(fileSystem, connection, backings);
    set(Opcode.GETATTR, GetattrIn.STRUCT_SIZE, attributes::getattr);
    set(Opcode.STATX, StatxIn.STRUCT_SIZE, attributes::statx);
    set(Opcode.SETATTR, SetattrIn.STRUCT_SIZE, attributes::setattr);
    set(Opcode.READLINK, 0, attributes::readlink);
    set(Opcode.GETXATTR, GetxattrIn.STRUCT_SIZE, attributes::getxattr);
    set(Opcode.LISTXATTR, GetxattrIn.STRUCT_SIZE, attributes::listxattr);
    set(Opcode.SETXATTR, SetxattrIn.OLD_SIZE, attributes::setxattr);
    set(Opcode.REMOVEXATTR, 0, attributes::removexattr);
    set(Opcode.STATFS, 0, attributes::statfs);
    FileHandlers files = new FileHandlers(fileSystem, backings);
    set(Opcode.OPEN, OpenIn.STRUCT_SIZE, files::open);
    set(Opcode.CREATE, CreateIn.STRUCT_SIZE, files::create);
    set(Opcode.TMPFILE, CreateIn.STRUCT_SIZE, files::tmpfile);
    set(Opcode.READ, ReadIn.STRUCT_SIZE, files::read);
    set(Opcode.WRITE, WriteIn.STRUCT_SIZE, files::write);
    set(Opcode.FALLOCATE, FallocateIn.STRUCT_SIZE, files::fallocate);
    set(Opcode.LSEEK, LseekIn.STRUCT_SIZE, files::lseek);
    set(Opcode.COPY_FILE_RANGE, CopyFileRangeIn.STRUCT_SIZE, files::copyFileRange);
    set(Opcode.COPY_FILE_RANGE_64, CopyFileRangeIn.STRUCT_SIZE, files::copyFileRange64);
    set(Opcode.IOCTL, IoctlIn.STRUCT_SIZE, files::ioctl);
    set(Opcode.FSYNC, FsyncIn.STRUCT_SIZE, files::fsync);
    set(Opcode.SYNCFS, 0, files::syncfs);
    set(Opcode.RELEASE, ReleaseIn.STRUCT_SIZE, files::release);
    DirectoryHandlers directories = new DirectoryHandlers(fileSystem, connection, backings);
    set(Opcode.OPENDIR, OpenIn.STRUCT_SIZE, directories::opendir);
    set(Opcode.READDIR, ReadIn.STRUCT_SIZE, directories::readdir);
    set(Opcode.READDIRPLUS, ReadIn.STRUCT_SIZE, directories::readdirplus);
    set(Opcode.FSYNCDIR, FsyncIn.STRUCT_SIZE, directories::fsyncdir);
    set(Opcode.RELEASEDIR, ReleaseIn.STRUCT_SIZE, directories::releasedir);
    set(Opcode.FORGET, ForgetIn.STRUCT_SIZE, this::forget);
    set(Opcode.BATCH_FORGET, BatchForgetIn.STRUCT_SIZE, this::batchForget);
    // The answer to a RETRIEVE of QueueWakeup. Only a ring needs a reply.
    set(Opcode.NOTIFY_REPLY, 0, request -> 0);
    // The file system is destroyed when the device reports the unmount.
    set(Opcode.DESTROY, 0, request -> 0);
  }

  private void set(int opcode, int argumentsSize, Handler handler) {
    handlers[opcode] = handler;
    argumentSizes[opcode] = argumentsSize;
  }

  /**
   * Handles a request.
   *
   * @return the length of the body of the answer, a negative errno, {@link #NO_ANSWER} or {@link
   *     #DEFERRED}
   */
  int handle(Request request) {
    int opcode = request.opcode();
    Handler handler = opcode >= 0 && opcode < Opcode.COUNT ? handlers[opcode] : null;
    if (handler == null) {
      // The kernel remembers this and does not send such requests any more.
      return -Errno.ENOSYS;
    }
    try {
      if (request.argumentsSize() < argumentSizes[opcode]) {
        throw ErrnoException.of(Errno.EIO);
      }
      return retry.run(handler, request);
    } catch (DeferredException e) {
      request.defer(e.work());
      return DEFERRED;
    } catch (ErrnoException e) {
      return isForget(opcode) ? NO_ANSWER : -e.errno();
    } catch (Throwable e) {
      log(opcode, e);
      return isForget(opcode) ? NO_ANSWER : -Errno.EIO;
    }
  }

  /**
   * Undoes the effects of a request whose answer could not be delivered: handles and lookups are
   * given back.
   */
  void undo(Request request) {
    int opcode = request.opcode();
    if (opcode == Opcode.OPEN || opcode == Opcode.CREATE || opcode == Opcode.TMPFILE) {
      long nodeid = opcode == Opcode.OPEN ? request.nodeid() : request.entry.nodeid;
      backings.release(nodeid, request.openFlags);
      fileSystem.release(request.context, nodeid, request.open.handle);
    } else if (opcode == Opcode.OPENDIR) {
      fileSystem.releasedir(request.context, request.nodeid(), request.open.handle);
    }
    boolean counted =
        switch (opcode) {
          case Opcode.LOOKUP,
              Opcode.CREATE,
              Opcode.TMPFILE,
              Opcode.MKNOD,
              Opcode.MKDIR,
              Opcode.SYMLINK,
              Opcode.LINK ->
              !request.entry.isNegative();
          default -> false;
        };
    if (counted) {
      fileSystem.forget(request.entry.nodeid, 1);
    }
  }

  static boolean isForget(int opcode) {
    return opcode == Opcode.FORGET || opcode == Opcode.BATCH_FORGET;
  }

  private int forget(Request request) {
    backings.forget(request.nodeid());
    fileSystem.forget(request.nodeid(), ForgetIn.lookups(request.arguments()));
    return NO_ANSWER;
  }

  private int batchForget(Request request) throws ErrnoException {
    int count = BatchForgetIn.count(request.arguments());
    long bytes = (long) count * ForgetOne.STRUCT_SIZE;
    if (count < 0 || bytes > request.argumentsSize() - BatchForgetIn.STRUCT_SIZE) {
      throw ErrnoException.of(Errno.EIO);
    }
    long first = request.bytes(BatchForgetIn.STRUCT_SIZE, (int) bytes);
    for (int i = 0; i < count; i++) {
      long one = first + (long) i * ForgetOne.STRUCT_SIZE;
      backings.forget(ForgetOne.nodeid(one));
      fileSystem.forget(ForgetOne.nodeid(one), ForgetOne.lookups(one));
    }
    return NO_ANSWER;
  }

  static void log(int opcode, Throwable e) {
    Log.error(Dispatcher.class, "a request with opcode {} failed unexpectedly", opcode, e);
  }
}
