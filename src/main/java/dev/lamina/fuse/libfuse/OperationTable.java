package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.SpaceRetry;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Log;
import dev.lamina.sys.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import jnr.ffi.BaseStruct;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import ru.serce.jnrfuse.struct.FuseOperations;

/**
 * The {@code struct fuse_operations} that libfuse calls. jnr-fuse defines its layout, and the
 * functions in it catch every exception: nothing that a file system throws reaches native code. An
 * unexpected exception is logged, and the caller gets EIO.
 *
 * <p>Some operations are left out on purpose: flush (libfuse answers ENOSYS, and the kernel sends
 * no more FLUSH at close), lock and flock (the kernel then handles locks by itself), access (the
 * kernel checks permissions), bmap, ioctl and poll (they are not supported), write_buf and read_buf
 * (without them data goes directly from and to libfuse's own memory).
 */
final class OperationTable {
  /** The bits of the flag word, which jnr-fuse declares as four bytes. */
  private static final int FLAG_NULLPATH_OK = 1;

  private static final int FLAG_NOPATH = 2;
  private static final int FLAG_UTIME_OMIT_OK = 4;

  private static final SpaceRetry.Operation<Request> CALL = Request::call;

  private final SpaceRetry retry;
  private final Layout layout = new Layout();
  private final ByteBuffer memory =
      ByteBuffer.allocateDirect(Struct.size(layout)).order(ByteOrder.nativeOrder());

  /** The functions in the table; jnr-ffi frees a function when its object is unreachable. */
  private final List<Object> callbacks = new ArrayList<>();

  /**
   * @param initialize called with a {@code struct fuse_conn_info} before any operation; the result
   *     is ignored
   */
  OperationTable(MountState state, Channel channel, Operation.One initialize) {
    retry = new SpaceRetry(state.fileSystem()::keepsDeleted);
    int flags = FLAG_NULLPATH_OK | FLAG_NOPATH | FLAG_UTIME_OMIT_OK;
    memory.putInt(layout.offset(layout.flag_nullpath_ok), flags);
    one(layout.init, "init", initialize);
    NameOperations names = new NameOperations(state, channel);
    bindNames(names);
    bindFiles(new FileOperations(state, names));
  }

  /** Gives access to the offsets of the members of a struct. */
  private static final class Layout extends FuseOperations {
    Layout() {
      super(Runtime.getSystemRuntime());
    }

    int offset(AbstractMember member) {
      return (int) member.offset();
    }
  }

  private void bindNames(NameOperations names) {
    two(layout.getattr, "getattr", names::getattr);
    three(layout.readlink, "readlink", names::readlink);
    three(layout.mknod, "mknod", names::mknod);
    two(layout.mkdir, "mkdir", names::mkdir);
    one(layout.unlink, "unlink", names::unlink);
    one(layout.rmdir, "rmdir", names::rmdir);
    two(layout.symlink, "symlink", names::symlink);
    two(layout.rename, "rename", names::rename);
    two(layout.link, "link", names::link);
    two(layout.chmod, "chmod", names::chmod);
    three(layout.chown, "chown", names::chown);
    two(layout.truncate, "truncate", names::truncate);
    two(layout.utimens, "utimens", names::utimens);
    two(layout.statfs, "statfs", names::statfs);
    five(
        layout.setxattr,
        "setxattr",
        (r, path, name, value, size, flags) ->
            names.setxattr(r, path, name, value, size, (int) flags));
    four(layout.getxattr, "getxattr", names::getxattr);
    three(layout.listxattr, "listxattr", names::listxattr);
    two(layout.removexattr, "removexattr", names::removexattr);
  }

  private void bindFiles(FileOperations files) {
    two(layout.open, "open", files::open);
    three(layout.create, "create", files::create);
    five(
        layout.read,
        "read",
        (r, path, buffer, size, offset, info) -> files.read(r, buffer, size, offset, info));
    five(
        layout.write,
        "write",
        (r, path, buffer, size, offset, info) -> files.write(r, buffer, size, offset, info));
    three(layout.fgetattr, "fgetattr", (r, path, stat, info) -> files.fgetattr(r, stat, info));
    three(layout.ftruncate, "ftruncate", (r, path, size, info) -> files.ftruncate(r, size, info));
    five(
        layout.fallocate,
        "fallocate",
        (r, path, mode, offset, length, info) ->
            files.fallocate(r, (int) mode, offset, length, info));
    three(
        layout.fsync,
        "fsync",
        (r, path, dataOnly, info) -> files.fsync(r, (int) dataOnly != 0, info));
    two(layout.release, "release", (r, path, info) -> files.release(r, info));
    two(layout.opendir, "opendir", files::opendir);
    five(
        layout.readdir,
        "readdir",
        (r, path, buffer, function, offset, info) ->
            files.readdir(r, buffer, function, offset, info));
    three(
        layout.fsyncdir,
        "fsyncdir",
        (r, path, dataOnly, info) -> files.fsyncdir(r, (int) dataOnly != 0, info));
    two(layout.releasedir, "releasedir", (r, path, info) -> files.release(r, info));
  }

  /** Returns the address of the structure, which is valid while this object is reachable. */
  long address() {
    return Memory.address(memory);
  }

  int size() {
    return memory.capacity();
  }

  private void one(BaseStruct.Func<?> member, String name, Operation.One operation) {
    Operation.Five padded = (r, a, b, c, d, e) -> operation.apply(r, a);
    bind(member, NativeCallback.One.class, a -> run(name, padded, a, 0, 0, 0, 0));
  }

  private void two(BaseStruct.Func<?> member, String name, Operation.Two operation) {
    Operation.Five padded = (r, a, b, c, d, e) -> operation.apply(r, a, b);
    bind(member, NativeCallback.Two.class, (a, b) -> run(name, padded, a, b, 0, 0, 0));
  }

  private void three(BaseStruct.Func<?> member, String name, Operation.Three operation) {
    Operation.Five padded = (r, a, b, c, d, e) -> operation.apply(r, a, b, c);
    bind(member, NativeCallback.Three.class, (a, b, c) -> run(name, padded, a, b, c, 0, 0));
  }

  private void four(BaseStruct.Func<?> member, String name, Operation.Four operation) {
    Operation.Five padded = (r, a, b, c, d, e) -> operation.apply(r, a, b, c, d);
    bind(member, NativeCallback.Four.class, (a, b, c, d) -> run(name, padded, a, b, c, d, 0));
  }

  private void five(BaseStruct.Func<?> member, String name, Operation.Five operation) {
    bind(member, NativeCallback.Five.class, (a, b, c, d, e) -> run(name, operation, a, b, c, d, e));
  }

  /** Runs an operation for the calling thread's request; returns what libfuse is answered. */
  private int run(String name, Operation.Five operation, long a, long b, long c, long d, long e) {
    try {
      Request request = Request.current();
      request.setCall(operation, a, b, c, d, e);
      return retry.run(CALL, request);
    } catch (Throwable failure) {
      return failure(name, failure);
    }
  }

  private <T> void bind(BaseStruct.Func<?> member, Class<T> type, T callback) {
    callbacks.add(callback);
    long function =
        Runtime.getSystemRuntime().getClosureManager().getClosurePointer(type, callback).address();
    memory.putLong(layout.offset(member), function);
  }

  private static int failure(String operation, Throwable failure) {
    if (failure instanceof ErrnoException e) {
      return -e.errno();
    }
    log(operation, failure);
    return -Errno.EIO;
  }

  /** Logs an exception that must not reach native code. */
  static void log(String operation, Throwable failure) {
    Log.error(OperationTable.class, "the operation {} failed unexpectedly", operation, failure);
  }
}
