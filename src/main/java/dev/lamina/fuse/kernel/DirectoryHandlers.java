package dev.lamina.fuse.kernel;

import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.wire.FsyncIn;
import dev.lamina.fuse.wire.OpenIn;
import dev.lamina.fuse.wire.ReadIn;
import dev.lamina.fuse.wire.ReleaseIn;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;

/** The handlers of requests for open directories. */
final class DirectoryHandlers {
  private final FuseFileSystem fileSystem;
  private final BackingFiles backings;

  /** Whether directories have handles. */
  private final boolean isOpened;

  DirectoryHandlers(FuseFileSystem fileSystem, Connection connection, BackingFiles backings) {
    this.fileSystem = fileSystem;
    isOpened = !connection.hasUnopenedDirectories();
    this.backings = backings;
  }

  int opendir(Request request) throws ErrnoException {
    if (!isOpened) {
      // The kernel asks once. After this error it opens directories by itself, and caches their
      // listings.
      throw ErrnoException.of(Errno.ENOSYS);
    }
    request.open.clear();
    int flags = OpenIn.flags(request.arguments());
    fileSystem.opendir(request.context, request.nodeid(), flags, request.open);
    return Replies.open(request.body(), request.open, 0, false);
  }

  int readdir(Request request) throws ErrnoException {
    long in = request.arguments();
    DirectoryFiller filler = begin(request, in);
    fileSystem.readdir(
        request.context, request.nodeid(), handle(ReadIn.handle(in)), ReadIn.offset(in), filler);
    return filler.used();
  }

  private long handle(long handle) {
    return isOpened ? handle : FuseFileSystem.NO_HANDLE;
  }

  int readdirplus(Request request) throws ErrnoException {
    long in = request.arguments();
    DirectoryFiller filler = begin(request, in);
    fileSystem.readdirplus(
        request.context, request.nodeid(), handle(ReadIn.handle(in)), ReadIn.offset(in), filler);
    return filler.used();
  }

  private DirectoryFiller begin(Request request, long in) {
    request.directory.begin(
        request.body(), Math.min(ReadIn.size(in), request.answerSize), backings);
    return request.directory;
  }

  int fsyncdir(Request request) throws ErrnoException {
    long in = request.arguments();
    boolean dataOnly = (FsyncIn.flags(in) & FsyncIn.DATA_ONLY) != 0;
    fileSystem.fsyncdir(request.context, request.nodeid(), handle(FsyncIn.handle(in)), dataOnly);
    return 0;
  }

  int releasedir(Request request) {
    long handle = ReleaseIn.handle(request.arguments());
    fileSystem.releasedir(request.context, request.nodeid(), handle);
    return 0;
  }
}
