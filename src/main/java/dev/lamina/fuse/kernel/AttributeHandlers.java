package dev.lamina.fuse.kernel;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.SetattrRequest;
import dev.lamina.fuse.wire.GetattrIn;
import dev.lamina.fuse.wire.GetxattrIn;
import dev.lamina.fuse.wire.GetxattrOut;
import dev.lamina.fuse.wire.SetattrIn;
import dev.lamina.fuse.wire.SetxattrIn;
import dev.lamina.fuse.wire.StatfsOut;
import dev.lamina.fuse.wire.StatxIn;
import dev.lamina.fuse.wire.StatxOut;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.FileSystemStat;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import java.util.Arrays;

/**
 * The handlers of requests for attributes, including extended attributes and the statistics of the
 * file system.
 */
final class AttributeHandlers {
  /** The bits that ask for a change by themselves. */
  private static final int CHANGES =
      SetattrIn.SET_MODE
          | SetattrIn.SET_UID
          | SetattrIn.SET_GID
          | SetattrIn.SET_SIZE
          | SetattrIn.SET_ATIME
          | SetattrIn.SET_MTIME;

  private final FuseFileSystem fileSystem;
  private final BackingFiles backings;
  private static final byte[] ACL = "system.posix_acl_".getBytes(ISO_8859_1);

  private final Connection connection;

  AttributeHandlers(FuseFileSystem fileSystem, Connection connection, BackingFiles backings) {
    this.fileSystem = fileSystem;
    this.backings = backings;
    this.connection = connection;
  }

  int getattr(Request request) throws ErrnoException {
    long in = request.arguments();
    long handle = handle(GetattrIn.flags(in), GetattrIn.handle(in));
    fileSystem.getattr(request.context, request.nodeid(), handle, request.attributes);
    return Replies.attributes(request.body(), request.nodeid(), request.attributes, backings);
  }

  int statx(Request request) throws ErrnoException {
    long in = request.arguments();
    long handle = handle(StatxIn.flags(in), StatxIn.handle(in));
    fileSystem.getattr(request.context, request.nodeid(), handle, request.attributes);
    long out = request.body();
    Memory.clear(out, StatxOut.STAT);
    StatxOut.attrValid(
        out, backings.attrValid(request.nodeid(), request.attributes.attrValidSeconds));
    request.attributes.stat.write(out + StatxOut.STAT);
    return StatxOut.STRUCT_SIZE;
  }

  private static long handle(int flags, long handle) {
    return (flags & GetattrIn.FH_VALID) != 0 ? handle : FuseFileSystem.NO_HANDLE;
  }

  int setattr(Request request) throws ErrnoException {
    long in = request.arguments();
    int valid = SetattrIn.valid(in);
    SetattrRequest changes = request.changes;
    changes.clear();
    changes.setMode = (valid & SetattrIn.SET_MODE) != 0;
    changes.mode = SetattrIn.mode(in);
    changes.setUid = (valid & SetattrIn.SET_UID) != 0;
    changes.uid = SetattrIn.uid(in);
    changes.setGid = (valid & SetattrIn.SET_GID) != 0;
    changes.gid = SetattrIn.gid(in);
    changes.setSize = (valid & SetattrIn.SET_SIZE) != 0;
    changes.size = SetattrIn.size(in);
    changes.setAtime = (valid & SetattrIn.SET_ATIME) != 0;
    changes.atimeSeconds = SetattrIn.atime(in);
    changes.atimeNanos =
        (valid & SetattrIn.ATIME_NOW) != 0 ? Linux.UTIME_NOW : SetattrIn.atimeNanos(in);
    changes.setMtime = (valid & SetattrIn.SET_MTIME) != 0;
    changes.mtimeSeconds = SetattrIn.mtime(in);
    changes.mtimeNanos =
        (valid & SetattrIn.MTIME_NOW) != 0 ? Linux.UTIME_NOW : SetattrIn.mtimeNanos(in);
    changes.handle =
        (valid & SetattrIn.FH_VALID) != 0 ? SetattrIn.handle(in) : FuseFileSystem.NO_HANDLE;
    changes.dropSetid = connection.leavesSetid() && (valid & CHANGES) == 0;
    request.context.killSetid = (valid & SetattrIn.KILL_SUIDGID) != 0;
    fileSystem.setattr(request.context, request.nodeid(), changes, request.attributes);
    return Replies.attributes(request.body(), request.nodeid(), request.attributes, backings);
  }

  int readlink(Request request) throws ErrnoException {
    return fileSystem.readlink(
        request.context, request.nodeid(), request.body(), request.answerSize);
  }

  int getxattr(Request request) throws ErrnoException {
    int size = request.room(GetxattrIn.size(request.arguments()));
    byte[] name = request.string(GetxattrIn.STRUCT_SIZE);
    checkAcl(name);
    int length = fileSystem.getxattr(request.context, request.nodeid(), name, request.body(), size);
    return size == 0 ? length(request, length) : length;
  }

  int listxattr(Request request) throws ErrnoException {
    int size = request.room(GetxattrIn.size(request.arguments()));
    int length = fileSystem.listxattr(request.context, request.nodeid(), request.body(), size);
    return size == 0 ? length(request, length) : length;
  }

  private static int length(Request request, int length) {
    Memory.clear(request.body(), GetxattrOut.STRUCT_SIZE);
    GetxattrOut.size(request.body(), length);
    return GetxattrOut.STRUCT_SIZE;
  }

  int setxattr(Request request) throws ErrnoException {
    long in = request.arguments();
    int nameOffset = connection.hasSetxattrFlags() ? SetxattrIn.STRUCT_SIZE : SetxattrIn.OLD_SIZE;
    byte[] name = request.string(nameOffset);
    checkAcl(name);
    int size = SetxattrIn.size(in);
    long value = request.bytes(nameOffset + name.length + 1, size);
    request.context.mayKillSetid = !connection.hasSetxattrFlags();
    request.context.killSetid =
        connection.hasSetxattrFlags()
            && (SetxattrIn.setxattrFlags(in) & SetxattrIn.ACL_KILL_SGID) != 0;
    fileSystem.setxattr(request.context, request.nodeid(), name, value, size, SetxattrIn.flags(in));
    return 0;
  }

  /**
   * Refuses access control lists if the kernel does not check them, as a file system mounted with
   * noacl does.
   */
  private void checkAcl(byte[] name) throws ErrnoException {
    if (!connection.hasAcls() && name.length > ACL.length && startsWithAcl(name)) {
      throw ErrnoException.of(Errno.EOPNOTSUPP);
    }
  }

  private static boolean startsWithAcl(byte[] name) {
    return Arrays.equals(name, 0, ACL.length, ACL, 0, ACL.length);
  }

  int removexattr(Request request) throws ErrnoException {
    byte[] name = request.string(0);
    checkAcl(name);
    fileSystem.removexattr(request.context, request.nodeid(), name);
    return 0;
  }

  int statfs(Request request) throws ErrnoException {
    FileSystemStat statistics = request.statistics;
    fileSystem.statfs(request.context, request.nodeid(), statistics);
    long out = request.body();
    Memory.clear(out, StatfsOut.STRUCT_SIZE);
    StatfsOut.blocks(out, statistics.blocks);
    StatfsOut.blocksFree(out, statistics.blocksFree);
    StatfsOut.blocksAvailable(out, statistics.blocksAvailable);
    StatfsOut.files(out, statistics.files);
    StatfsOut.filesFree(out, statistics.filesFree);
    StatfsOut.blockSize(out, (int) statistics.blockSize);
    StatfsOut.nameLength(out, (int) statistics.nameLength);
    StatfsOut.fragmentSize(out, (int) statistics.fragmentSize);
    return StatfsOut.STRUCT_SIZE;
  }
}
