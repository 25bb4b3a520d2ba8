package dev.lamina.fuse.libfuse;

import dev.lamina.sys.Memory;
import jnr.ffi.Runtime;
import ru.serce.jnrfuse.struct.FuseFileInfo;

/**
 * The accessors of libfuse's {@code struct fuse_file_info}. jnr-fuse has the right offset of the
 * file's number, but not of the bit-fields: these are in the 32-bit word before the number. The
 * word before that one is {@code writepage}.
 */
final class FileInfo {
  private static final Layout LAYOUT = new Layout();

  private static final long FLAGS = LAYOUT.flags.offset();
  private static final long NUMBER = LAYOUT.fh.offset();
  private static final long BITS = NUMBER - Integer.BYTES;
  private static final long WRITE_PAGE = BITS - Integer.BYTES;
  private static final int DIRECT_IO = 1 << 0;
  private static final int KEEP_CACHE = 1 << 1;

  /** Gives access to the constructor. */
  private static final class Layout extends FuseFileInfo {
    Layout() {
      super(Runtime.getSystemRuntime());
    }
  }

  private FileInfo() {}

  /** Returns the flags of open(2). */
  static int flags(long address) {
    return Memory.getInt(address + FLAGS);
  }

  /** Returns the number that open has set. */
  static long number(long address) {
    return Memory.getLong(address + NUMBER);
  }

  static void setNumber(long address, long number) {
    Memory.putLong(address + NUMBER, number);
  }

  /**
   * Returns whether a WRITE carries a page of a mapping, and not data written through the open
   * file.
   */
  static boolean isWritePage(long address) {
    return Memory.getInt(address + WRITE_PAGE) != 0;
  }

  /** Makes reads and writes bypass the kernel's pages. */
  static void setDirectIo(long address) {
    Memory.putInt(address + BITS, Memory.getInt(address + BITS) | DIRECT_IO);
  }

  /** Allows the kernel to keep the pages of earlier opens. */
  static void setKeepCache(long address) {
    Memory.putInt(address + BITS, Memory.getInt(address + BITS) | KEEP_CACHE);
  }
}
