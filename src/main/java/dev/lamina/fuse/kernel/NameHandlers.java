package dev.lamina.fuse.kernel;

import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.wire.DeviceNumber;
import dev.lamina.fuse.wire.LinkIn;
import dev.lamina.fuse.wire.MkdirIn;
import dev.lamina.fuse.wire.MknodIn;
import dev.lamina.fuse.wire.RenameIn;
import dev.lamina.sys.Devices;
import dev.lamina.sys.ErrnoException;

/** The handlers of requests that find, create, rename and remove names. */
final class NameHandlers {
  private final FuseFileSystem fileSystem;
  private final BackingFiles backings;

  NameHandlers(FuseFileSystem fileSystem, BackingFiles backings) {
    this.fileSystem = fileSystem;
    this.backings = backings;
  }

  int lookup(Request request) throws ErrnoException {
    fileSystem.lookup(request.context, request.nodeid(), request.string(0), request.entry);
    return Replies.entry(request.body(), request.entry, backings);
  }

  int mknod(Request request) throws ErrnoException {
    long in = request.arguments();
    int rdev = MknodIn.rdev(in);
    request.context.umask = MknodIn.umask(in);
    fileSystem.mknod(
        request.context,
        request.nodeid(),
        request.string(MknodIn.STRUCT_SIZE),
        MknodIn.mode(in),
        Devices.make(DeviceNumber.major(rdev), DeviceNumber.minor(rdev)),
        request.entry);
    return Replies.entry(request.body(), request.entry, backings);
  }

  int mkdir(Request request) throws ErrnoException {
    long in = request.arguments();
    request.context.umask = MkdirIn.umask(in);
    fileSystem.mkdir(
        request.context,
        request.nodeid(),
        request.string(MkdirIn.STRUCT_SIZE),
        MkdirIn.mode(in),
        request.entry);
    return Replies.entry(request.body(), request.entry, backings);
  }

  int symlink(Request request) throws ErrnoException {
    byte[] name = request.string(0);
    byte[] target = request.string(name.length + 1);
    fileSystem.symlink(request.context, request.nodeid(), name, target, request.entry);
    return Replies.entry(request.body(), request.entry, backings);
  }

  int link(Request request) throws ErrnoException {
    fileSystem.link(
        request.context,
        LinkIn.oldNodeid(request.arguments()),
        request.nodeid(),
        request.string(LinkIn.STRUCT_SIZE),
        request.entry);
    return Replies.entry(request.body(), request.entry, backings);
  }

  int unlink(Request request) throws ErrnoException {
    fileSystem.unlink(request.context, request.nodeid(), request.string(0));
    return 0;
  }

  int rmdir(Request request) throws ErrnoException {
    fileSystem.rmdir(request.context, request.nodeid(), request.string(0));
    return 0;
  }

  int rename(Request request) throws ErrnoException {
    return rename(request, RenameIn.OLD_SIZE, 0);
  }

  int rename2(Request request) throws ErrnoException {
    return rename(request, RenameIn.STRUCT_SIZE, RenameIn.flags(request.arguments()));
  }

  private int rename(Request request, int namesOffset, int flags) throws ErrnoException {
    byte[] name = request.string(namesOffset);
    byte[] newName = request.string(namesOffset + name.length + 1);
    long newDirectory = RenameIn.newDirectory(request.arguments());
    fileSystem.rename(request.context, request.nodeid(), name, newDirectory, newName, flags);
    return 0;
  }
}
