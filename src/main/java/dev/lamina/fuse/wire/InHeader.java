package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_in_header}: the beginning of every request. */
public final class InHeader {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 40;

  private static final int LENGTH = 0;
  private static final int OPCODE = 4;
  private static final int UNIQUE = 8;
  private static final int NODEID = 16;
  private static final int UID = 24;
  private static final int GID = 28;
  private static final int PID = 32;
  private static final int EXTENSION_LENGTH = 36;

  private InHeader() {}

  /** Returns the size of the whole request in bytes. */
  public static int length(long address) {
    return Memory.getInt(address + LENGTH);
  }

  /** Returns one of the constants of {@link Opcode}. */
  public static int opcode(long address) {
    return Memory.getInt(address + OPCODE);
  }

  /** Returns the number that identifies the request in its reply. */
  public static long unique(long address) {
    return Memory.getLong(address + UNIQUE);
  }

  public static long nodeid(long address) {
    return Memory.getLong(address + NODEID);
  }

  public static int uid(long address) {
    return Memory.getInt(address + UID);
  }

  public static int gid(long address) {
    return Memory.getInt(address + GID);
  }

  public static int pid(long address) {
    return Memory.getInt(address + PID);
  }

  /** Returns the size of the extensions after the arguments, in units of 8 bytes; 0 before 7.38. */
  public static int extensionLength(long address) {
    return Memory.getShort(address + EXTENSION_LENGTH);
  }
}
