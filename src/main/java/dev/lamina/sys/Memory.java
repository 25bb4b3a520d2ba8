package dev.lamina.sys;

import com.kenai.jffi.MemoryIO;
import com.kenai.jffi.PageManager;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Reads and writes native memory by address, in native byte order.
 *
 * <p>Addresses are not checked: a caller passes only addresses within memory that it owns, and
 * keeps a reference to that memory for as long as the address is in use.
 */
public final class Memory {
  private static final MemoryIO IO = MemoryIO.getInstance();

  private Memory() {}

  /**
   * Returns the address of a direct buffer's first byte. The memory is valid as long as the buffer
   * object is reachable.
   */
  public static long address(ByteBuffer direct) {
    return IO.getDirectBufferAddress(direct);
  }

  /** Returns the size of a page in bytes: 4096, or 16384 or 65536 with some aarch64 kernels. */
  public static int pageSize() {
    return (int) PageManager.getInstance().pageSize();
  }

  public static byte getByte(long address) {
    return IO.getByte(address);
  }

  public static int getShort(long address) {
    return IO.getShort(address) & 0xffff;
  }

  public static int getInt(long address) {
    return IO.getInt(address);
  }

  public static long getLong(long address) {
    return IO.getLong(address);
  }

  public static void putByte(long address, byte value) {
    IO.putByte(address, value);
  }

  public static void putShort(long address, short value) {
    IO.putShort(address, value);
  }

  public static void putInt(long address, int value) {
    IO.putInt(address, value);
  }

  public static void putLong(long address, long value) {
    IO.putLong(address, value);
  }

  /** Copies {@code length} bytes from native memory into {@code target} at {@code offset}. */
  public static void getBytes(long address, byte[] target, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, target.length);
    IO.getByteArray(address, target, offset, length);
  }

  /** Copies {@code length} bytes of {@code source} from {@code offset} to native memory. */
  public static void putBytes(long address, byte[] source, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, source.length);
    IO.putByteArray(address, source, offset, length);
  }

  /** Returns a new array with the bytes from {@code address} up to the first NUL. */
  public static byte[] getCString(long address) {
    return IO.getZeroTerminatedByteArray(address);
  }

  /** Fills {@code length} bytes with zero. */
  public static void clear(long address, long length) {
    IO.setMemory(address, length, (byte) 0);
  }

  /** Copies {@code length} bytes within native memory. */
  public static void copy(long source, long target, long length) {
    IO.copyMemory(source, target, length);
  }
}
