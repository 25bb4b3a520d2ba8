package dev.lamina.sys;

/**
 * A pair of sockets through which another program passes an open file (unix(7), SCM_RIGHTS).
 *
 * <p>Both ends are closed in programs that are started, unless an end is made one of their standard
 * descriptors.
 */
public final class DescriptorSocket implements AutoCloseable {
  static final int AF_UNIX = 1;
  static final int SOCK_STREAM = 1;
  static final int SOL_SOCKET = 1;
  static final int SCM_RIGHTS = 1;
  static final int MSG_CMSG_CLOEXEC = 0x40000000;

  /** Offsets in struct msghdr of recvmsg(2). */
  private static final int MSG_IOV = 16;

  private static final int MSG_IOVLEN = 24;
  private static final int MSG_CONTROL = 32;
  private static final int MSG_CONTROLLEN = 40;
  private static final int MSG_SIZE = 56;

  /** Offsets in struct cmsghdr of cmsg(3) and the data that follows it. */
  private static final int CMSG_LEN = 0;

  private static final int CMSG_LEVEL = 8;
  private static final int CMSG_TYPE = 12;
  private static final int CMSG_DATA = 16;
  private static final int CMSG_SPACE = 24;

  private final Fd own;
  private final Fd other;

  private DescriptorSocket(Fd own, Fd other) {
    this.own = own;
    this.other = other;
  }

  /**
   * Makes a pair.
   *
   * @param result receives the pair if 0 is returned
   * @return 0 or the negative errno of socketpair(2)
   */
  public static int open(DescriptorSocket[] result) {
    long pair = Scratch.get().struct();
    int error =
        (int)
            LibC.call(
                SystemCall.SOCKETPAIR, AF_UNIX, SOCK_STREAM | OpenFlags.O_CLOEXEC, 0, pair, 0);
    if (error == 0) {
      Fd own = new Fd(Memory.getInt(pair));
      result[0] = new DescriptorSocket(own, new Fd(Memory.getInt(pair + Integer.BYTES)));
    }
    return error;
  }

  /** Returns the end for the other program, which this object owns until {@link #closeOther}. */
  public int other() {
    return other.number();
  }

  /**
   * Closes the other program's end in this process, so that {@link #receive} fails when that
   * program has ended.
   */
  public void closeOther() {
    other.close();
  }

  /**
   * Waits for an open file.
   *
   * @return a descriptor, which the caller closes, or the negative errno: ECONNRESET if the other
   *     program ended without sending one
   */
  public int receive() {
    long message = Scratch.get().struct();
    long iov = message + MSG_SIZE;
    long control = iov + Iovec.STRUCT_SIZE;
    long data = control + CMSG_SPACE;
    Memory.clear(message, data + Long.BYTES - message);
    Iovec.write(iov, data, 1);
    Memory.putLong(message + MSG_IOV, iov);
    Memory.putLong(message + MSG_IOVLEN, 1);
    Memory.putLong(message + MSG_CONTROL, control);
    Memory.putLong(message + MSG_CONTROLLEN, CMSG_SPACE);
    int received;
    do {
      received = (int) LibC.call(SystemCall.RECVMSG, own.number(), message, MSG_CMSG_CLOEXEC, 0, 0);
    } while (received == -Errno.EINTR);
    if (received < 0) {
      return received;
    }
    boolean hasDescriptor =
        Memory.getLong(message + MSG_CONTROLLEN) > 0
            && Memory.getLong(control + CMSG_LEN) == CMSG_DATA + Integer.BYTES
            && Memory.getInt(control + CMSG_LEVEL) == SOL_SOCKET
            && Memory.getInt(control + CMSG_TYPE) == SCM_RIGHTS;
    return hasDescriptor ? Memory.getInt(control + CMSG_DATA) : -Errno.ECONNRESET;
  }

  @Override
  public void close() {
    own.close();
    other.close();
  }
}
