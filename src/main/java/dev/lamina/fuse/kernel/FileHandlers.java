package dev.lamina.fuse.kernel;

import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.OpenReply;
import dev.lamina.fuse.wire.CopyFileRangeIn;
import dev.lamina.fuse.wire.CreateIn;
import dev.lamina.fuse.wire.FallocateIn;
import dev.lamina.fuse.wire.FsyncIn;
import dev.lamina.fuse.wire.IoctlIn;
import dev.lamina.fuse.wire.IoctlOut;
import dev.lamina.fuse.wire.LseekIn;
import dev.lamina.fuse.wire.LseekOut;
import dev.lamina.fuse.wire.OpenIn;
import dev.lamina.fuse.wire.ReadIn;
import dev.lamina.fuse.wire.ReleaseIn;
import dev.lamina.fuse.wire.WriteIn;
import dev.lamina.fuse.wire.WriteOut;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Memory;

/** The handlers of requests for open files. */
final class FileHandlers {
  /**
   * The largest part that one COPY_FILE_RANGE copies, in bytes: the answer has 32 bits. The caller
   * continues after it.
   */
  private static final long LARGEST_COPY = 1L << 30;

  private final FuseFileSystem fileSystem;
  private final BackingFiles backings;

  FileHandlers(FuseFileSystem fileSystem, BackingFiles backings) {
    this.fileSystem = fileSystem;
    this.backings = backings;
  }

  int open(Request request) throws ErrnoException {
    long in = request.arguments();
    request.open.clear();
    request.openFlags = OpenIn.flags(in);
    request.context.killSetid = (OpenIn.openFlags(in) & OpenIn.KILL_SUIDGID) != 0;
    fileSystem.open(request.context, request.nodeid(), request.openFlags, request.open);
    int backing = backing(request, request.nodeid(), false);
    boolean isDirect = backings.isDirect(request.open, request.openFlags);
    return Replies.open(request.body(), request.open, backing, isDirect);
  }

  /** Returns the backing id of a file that was opened; 0 for none. */
  private int backing(Request request, long nodeid, boolean isNew) throws ErrnoException {
    OpenReply reply = request.open;
    int backing = backings.open(nodeid, reply, request.openFlags, isNew);
    if (backing == 0 && reply.backing != OpenReply.NO_BACKING) {
      fileSystem.servesData(reply.handle);
    }
    return backing;
  }

  int create(Request request) throws ErrnoException {
    long in = request.arguments();
    request.open.clear();
    request.openFlags = CreateIn.flags(in);
    request.context.umask = CreateIn.umask(in);
    request.context.killSetid = (CreateIn.openFlags(in) & OpenIn.KILL_SUIDGID) != 0;
    fileSystem.create(
        request.context,
        request.nodeid(),
        request.string(CreateIn.STRUCT_SIZE),
        CreateIn.mode(in),
        request.openFlags,
        request.entry,
        request.open);
    return entryAndOpen(request);
  }

  int tmpfile(Request request) throws ErrnoException {
    long in = request.arguments();
    request.open.clear();
    request.openFlags = CreateIn.flags(in);
    request.context.umask = CreateIn.umask(in);
    fileSystem.tmpfile(
        request.context,
        request.nodeid(),
        CreateIn.mode(in),
        request.openFlags,
        request.entry,
        request.open);
    return entryAndOpen(request);
  }

  private int entryAndOpen(Request request) throws ErrnoException {
    int backing = backing(request, request.entry.nodeid, true);
    int entry = Replies.openedEntry(request.body(), request.entry, backings);
    boolean isDirect = backings.isDirect(request.open, request.openFlags);
    return entry + Replies.open(request.body() + entry, request.open, backing, isDirect);
  }

  int read(Request request) throws ErrnoException {
    long in = request.arguments();
    int size = request.room(ReadIn.size(in));
    return fileSystem.read(
        request.context,
        request.nodeid(),
        ReadIn.handle(in),
        ReadIn.offset(in),
        request.body(),
        size);
  }

  int write(Request request) throws ErrnoException {
    long in = request.arguments();
    int size = WriteIn.size(in);
    long data = request.bytes(WriteIn.STRUCT_SIZE, size);
    request.context.killSetid = (WriteIn.writeFlags(in) & WriteIn.KILL_SUIDGID) != 0;
    int written =
        fileSystem.write(
            request.context, request.nodeid(), WriteIn.handle(in), WriteIn.offset(in), data, size);
    return size(request, written);
  }

  private static int size(Request request, int size) {
    Memory.clear(request.body(), WriteOut.STRUCT_SIZE);
    WriteOut.size(request.body(), size);
    return WriteOut.STRUCT_SIZE;
  }

  int fallocate(Request request) throws ErrnoException {
    long in = request.arguments();
    // The kernel leaves clearing setuid and setgid to the daemon, but asks for it only with WRITE,
    // OPEN and SETATTR.
    request.context.killSetid = request.context.uid != 0;
    fileSystem.fallocate(
        request.context,
        request.nodeid(),
        FallocateIn.handle(in),
        FallocateIn.mode(in),
        FallocateIn.offset(in),
        FallocateIn.length(in));
    return 0;
  }

  int lseek(Request request) throws ErrnoException {
    long in = request.arguments();
    long offset =
        fileSystem.lseek(
            request.context,
            request.nodeid(),
            LseekIn.handle(in),
            LseekIn.offset(in),
            LseekIn.whence(in));
    LseekOut.offset(request.body(), offset);
    return LseekOut.STRUCT_SIZE;
  }

  int copyFileRange(Request request) throws ErrnoException {
    long in = request.arguments();
    return size(request, (int) copy(request, Math.min(CopyFileRangeIn.length(in), LARGEST_COPY)));
  }

  /** Handles COPY_FILE_RANGE_64, whose answer has 64 bits. */
  int copyFileRange64(Request request) throws ErrnoException {
    long copied = copy(request, CopyFileRangeIn.length(request.arguments()));
    Memory.putLong(request.body(), copied);
    return Long.BYTES;
  }

  private long copy(Request request, long length) throws ErrnoException {
    long in = request.arguments();
    // See fallocate.
    request.context.killSetid = request.context.uid != 0;
    return fileSystem.copyFileRange(
        request.context,
        CopyFileRangeIn.handleIn(in),
        CopyFileRangeIn.offsetIn(in),
        CopyFileRangeIn.handleOut(in),
        CopyFileRangeIn.offsetOut(in),
        length);
  }

  int ioctl(Request request) throws ErrnoException {
    long in = request.arguments();
    int inSize = IoctlIn.inSize(in);
    int outSize = request.room(IoctlIn.outSize(in));
    long input = request.bytes(IoctlIn.STRUCT_SIZE, inSize);
    if (outSize > request.answerSize - IoctlOut.STRUCT_SIZE) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (inSize > 0 && outSize > 0) {
      // No known ioctl has both, and the output may overlap the input.
      throw ErrnoException.of(Errno.ENOTTY);
    }
    long output = request.body() + IoctlOut.STRUCT_SIZE;
    Memory.clear(output, outSize);
    fileSystem.ioctl(
        request.context,
        request.nodeid(),
        IoctlIn.command(in) & 0xffffffffL,
        input,
        inSize,
        output,
        outSize);
    Memory.clear(request.body(), IoctlOut.STRUCT_SIZE);
    return IoctlOut.STRUCT_SIZE + outSize;
  }

  int fsync(Request request) throws ErrnoException {
    long in = request.arguments();
    boolean dataOnly = (FsyncIn.flags(in) & FsyncIn.DATA_ONLY) != 0;
    fileSystem.fsync(request.context, request.nodeid(), FsyncIn.handle(in), dataOnly);
    return 0;
  }

  int syncfs(Request request) throws ErrnoException {
    fileSystem.syncfs(request.context, request.nodeid());
    return 0;
  }

  int release(Request request) {
    long in = request.arguments();
    long handle = ReleaseIn.handle(in);
    backings.release(request.nodeid(), ReleaseIn.flags(in));
    fileSystem.release(request.context, request.nodeid(), handle);
    return 0;
  }
}
