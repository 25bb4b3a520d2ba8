package dev.lamina.sys;

import java.util.Arrays;

/** File handles, name_to_handle_at(2): a file's identity that outlives its names. */
public final class FileHandles {
  /** Longest handle the kernel makes, in bytes (MAX_HANDLE_SZ). */
  public static final int MAX_HANDLE_SIZE = 128;

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
    long mountId = struct + 8 + MAX_HANDLE_SIZE;
    Memory.putInt(struct, MAX_HANDLE_SIZE);
    int flags = name.length == 0 ? Linux.AT_EMPTY_PATH : 0;
    long result = LibC.call(SystemCall.NAME_TO_HANDLE_AT, dirfd, path, struct, mountId, flags);
    if (result < 0) {
      return null;
    }
    byte[] bytes = new byte[Memory.getInt(struct)];
    Memory.getBytes(struct + 8, bytes, 0, bytes.length);
    return new FileHandle(Memory.getInt(struct + 4), bytes);
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
    Memory.putInt(struct, handle.bytes.length);
    Memory.putInt(struct + 4, handle.type);
    Memory.putBytes(struct + 8, handle.bytes, 0, handle.bytes.length);
    int flags = OpenFlags.O_PATH | OpenFlags.O_CLOEXEC;
    return (int) LibC.call(SystemCall.OPEN_BY_HANDLE_AT, mountFd, struct, flags, 0, 0);
  }
}
