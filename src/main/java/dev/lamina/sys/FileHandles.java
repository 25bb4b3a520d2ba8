package dev.lamina.sys;

import java.util.Arrays;

/** File handles, name_to_handle_at(2): a file's identity that outlives its names. */
public final class FileHandles {
  /** Longest handle the kernel makes, in bytes (MAX_HANDLE_SZ). */
  public static final int MAX_HANDLE_SIZE = 128;

  private static final int HANDLE_BYTES = 0;
  private static final int HANDLE_TYPE = 4;
  private static final int F_HANDLE = 8;

  private FileHandles() {}

  /** A handle's type and bytes, as the file system made them. */
  public record FileHandle(int type, byte[] bytes) {
    @Override
    public boolean equals(Object other) {
      return other instanceof FileHandle handle
          && type == handle.type
          && Arrays.equals(bytes, handle.bytes);
    }

    @Override
    public int hashCode() {
      return 31 * type + Arrays.hashCode(bytes);
    }
  }

  /** The handle of a name, never following it; null where the file system has none. */
  public static FileHandle nameToHandle(int dirfd, byte[] name) {
    Scratch scratch = Scratch.get();
    long struct = scratch.struct();
    long path = scratch.first(name);
    if (path == 0) {
      return null;
    }
    long mountId = struct + F_HANDLE + MAX_HANDLE_SIZE;
    Memory.putInt(struct + HANDLE_BYTES, MAX_HANDLE_SIZE);
    int flags = name.length == 0 ? Linux.AT_EMPTY_PATH : 0;
    long result = LibC.call(SystemCall.NAME_TO_HANDLE_AT, dirfd, path, struct, mountId, flags);
    if (result < 0) {
      return null;
    }
    byte[] bytes = new byte[Memory.getInt(struct + HANDLE_BYTES)];
    Memory.getBytes(struct + F_HANDLE, bytes, 0, bytes.length);
    return new FileHandle(Memory.getInt(struct + HANDLE_TYPE), bytes);
  }

  /**
   * open_by_handle_at(2) with O_PATH; needs CAP_DAC_READ_SEARCH. The descriptor is the caller's to
   * close.
   *
   * @param mountFd any descriptor on the file system, not O_PATH
   * @return the descriptor or the negative errno, ESTALE where the file is gone
   */
  public static int openByHandle(int mountFd, FileHandle handle) {
    if (handle.bytes.length > MAX_HANDLE_SIZE) {
      return -Errno.EINVAL;
    }
    long struct = Scratch.get().struct();
    Memory.putInt(struct + HANDLE_BYTES, handle.bytes.length);
    Memory.putInt(struct + HANDLE_TYPE, handle.type);
    Memory.putBytes(struct + F_HANDLE, handle.bytes, 0, handle.bytes.length);
    int flags = OpenFlags.O_PATH | OpenFlags.O_CLOEXEC;
    return (int) LibC.call(SystemCall.OPEN_BY_HANDLE_AT, mountFd, struct, flags, 0, 0);
  }
}
