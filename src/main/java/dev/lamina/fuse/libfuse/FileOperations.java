package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.OpenReply;
import dev.lamina.fuse.SetattrRequest;
import dev.lamina.fuse.wire.Opcode;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Memory;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;

/**
 * libfuse's operations on open files and directories, and those that open them. After open, libfuse
 * passes no path (flag_nopath): it is NULL, and the file is identified by its number.
 */
final class FileOperations {
  private final FuseFileSystem fileSystem;
  private final MountState state;
  private final NameOperations names;

  FileOperations(MountState state, NameOperations names) {
    this.fileSystem = state.fileSystem();
    this.state = state;
    this.names = names;
  }

  int open(Request request, long path, long fileInfo) throws ErrnoException {
    PathWalker walker = request.walker;
    OpenReply reply = request.open;
    try {
      walker.start(Memory.getCString(path));
      long nodeid = walker.lookup();
      int flags = FileInfo.flags(fileInfo) & ~(OpenFlags.O_CREAT | OpenFlags.O_EXCL);
      reply.keepCache = false;
      CachePolicy policy = state.cachePolicy();
      long node = request.libfuseNode();
      boolean mayKeepPages = false;
      if (!walker.isOrphan() && !walker.isRoot()) {
        if (OpenFlags.isWritable(flags) || (flags & OpenFlags.O_TRUNC) != 0) {
          policy.written(walker.entry().stat, node);
        }
        mayKeepPages = policy.mayKeepPages(node);
      }
      // For writes and truncations the kernel sends a request to clear setuid and setgid, for an
      // open it does not.
      request.context.killSetid = (flags & OpenFlags.O_TRUNC) != 0 && request.context.uid != 0;
      fileSystem.open(request.context, nodeid, flags, reply);
      if (reply.direct || policy.bypassesPages(flags, node)) {
        FileInfo.setDirectIo(fileInfo);
      } else if (reply.keepCache && mayKeepPages) {
        FileInfo.setKeepCache(fileInfo);
      }
      add(fileInfo, new OpenFile(nodeid, reply.handle, walker.keep(), false));
      return 0;
    } finally {
      walker.finish();
    }
  }

  int create(Request request, long path, long mode, long fileInfo) throws ErrnoException {
    if (request.opcode() == Opcode.MKNOD) {
      // Otherwise libfuse would make a regular file with create and release.
      return -Errno.ENOSYS;
    }
    PathWalker walker = request.walker;
    OpenReply reply = request.open;
    try {
      walker.startName(Memory.getCString(path));
      long parent = walker.parent();
      int permissions = (int) mode & Mode.PERMISSIONS;
      int flags = FileInfo.flags(fileInfo);
      request.context.killSetid = (flags & OpenFlags.O_TRUNC) != 0 && request.context.uid != 0;
      fileSystem.create(
          request.context, parent, walker.name(), permissions, flags, request.entry, reply);
      request.entryValidSeconds = request.entry.entryValidSeconds;
      add(fileInfo, new OpenFile(request.entry.nodeid, reply.handle, true, false));
      return 0;
    } finally {
      walker.finish();
    }
  }

  private void add(long fileInfo, OpenFile file) {
    FileInfo.setNumber(fileInfo, state.openFiles().add(file));
  }

  private OpenFile file(long fileInfo) throws ErrnoException {
    return state.openFiles().get(FileInfo.number(fileInfo));
  }

  int read(Request request, long buffer, long size, long offset, long fileInfo)
      throws ErrnoException {
    OpenFile file = file(fileInfo);
    return fileSystem.read(
        request.context, file.nodeid(), file.handle(), offset, buffer, (int) size);
  }

  int write(Request request, long buffer, long size, long offset, long fileInfo)
      throws ErrnoException {
    OpenFile file = file(fileInfo);
    boolean appends =
        !FileInfo.isWritePage(fileInfo)
            && state.cachePolicy().appends(FileInfo.flags(fileInfo), request.libfuseNode());
    long at = appends ? FuseFileSystem.APPEND : offset;
    return fileSystem.write(request.context, file.nodeid(), file.handle(), at, buffer, (int) size);
  }

  int fgetattr(Request request, long stat, long fileInfo) throws ErrnoException {
    OpenFile file = file(fileInfo);
    fileSystem.getattr(request.context, file.nodeid(), file.handle(), request.attributes);
    StatLayout.write(stat, names.restoreLinkCount(request, request.attributes.stat));
    request.attrValidSeconds = request.attributes.attrValidSeconds;
    return 0;
  }

  int ftruncate(Request request, long size, long fileInfo) throws ErrnoException {
    OpenFile file = file(fileInfo);
    SetattrRequest changes = request.changes;
    changes.clear();
    changes.setSize = true;
    changes.size = size;
    changes.handle = file.handle();
    fileSystem.setattr(request.context, file.nodeid(), changes, request.attributes);
    return 0;
  }

  int fallocate(Request request, int mode, long offset, long length, long fileInfo)
      throws ErrnoException {
    OpenFile file = file(fileInfo);
    fileSystem.fallocate(request.context, file.nodeid(), file.handle(), mode, offset, length);
    return 0;
  }

  int fsync(Request request, boolean dataOnly, long fileInfo) throws ErrnoException {
    OpenFile file = file(fileInfo);
    fileSystem.fsync(request.context, file.nodeid(), file.handle(), dataOnly);
    return 0;
  }

  /** Closes an open file or directory. */
  int release(Request request, long fileInfo) throws ErrnoException {
    OpenFile file = state.openFiles().remove(FileInfo.number(fileInfo));
    state.release(request.context, file);
    Orphans orphans = state.orphans();
    if (!orphans.isEmpty() && !state.openFiles().isOpen(file.nodeid())) {
      orphans.removeClosed(file.nodeid());
    }
    return 0;
  }

  int opendir(Request request, long path, long fileInfo) throws ErrnoException {
    PathWalker walker = request.walker;
    OpenReply reply = request.open;
    try {
      walker.start(Memory.getCString(path));
      long nodeid = walker.lookup();
      fileSystem.opendir(request.context, nodeid, FileInfo.flags(fileInfo), reply);
      add(fileInfo, new OpenFile(nodeid, reply.handle, walker.keep(), true));
      return 0;
    } finally {
      walker.finish();
    }
  }

  int readdir(Request request, long buffer, long function, long offset, long fileInfo)
      throws ErrnoException {
    OpenFile file = file(fileInfo);
    request.filler.start(function, buffer);
    fileSystem.readdir(request.context, file.nodeid(), file.handle(), offset, request.filler);
    return 0;
  }

  int fsyncdir(Request request, boolean dataOnly, long fileInfo) throws ErrnoException {
    OpenFile file = file(fileInfo);
    fileSystem.fsyncdir(request.context, file.nodeid(), file.handle(), dataOnly);
    return 0;
  }
}
