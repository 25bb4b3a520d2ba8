package dev.lamina.sys;

/** Controls terminals and pseudo-terminals with ioctl_tty(2). */
public final class Terminal {
  private static final int TCGETS = 0x5401;
  private static final int TCSETS = 0x5402;
  private static final int TIOCGWINSZ = 0x5413;
  private static final int TIOCSWINSZ = 0x5414;
  private static final int TIOCSPTLCK = 0x40045431;
  private static final int TIOCGPTPEER = 0x5441;

  /** Offsets in the kernel's struct termios, which differs from that of the C library. */
  private static final int IFLAG = 0;

  private static final int OFLAG = 4;
  private static final int CFLAG = 8;
  private static final int LFLAG = 12;
  private static final int CC = 17;
  private static final int TERMIOS_SIZE = 36;
  private static final int VTIME = 5;
  private static final int VMIN = 6;

  /** Offsets in struct winsize. */
  private static final int WINSIZE_ROWS = 0;

  private static final int WINSIZE_COLUMNS = 2;

  private static final int IGNBRK = 1;
  private static final int BRKINT = 2;
  private static final int PARMRK = 010;
  private static final int ISTRIP = 040;
  private static final int INLCR = 0100;
  private static final int IGNCR = 0200;
  private static final int ICRNL = 0400;
  private static final int IXON = 02000;
  private static final int OPOST = 1;
  private static final int ISIG = 1;
  private static final int ICANON = 2;
  private static final int ECHO = 010;
  private static final int ECHONL = 0100;
  private static final int IEXTEN = 0100000;
  private static final int CSIZE = 060;
  private static final int PARENB = 0400;
  private static final int CS8 = 060;

  private Terminal() {}

  public static boolean isTerminal(int fd) {
    return Linux.ioctl(fd, TCGETS, Scratch.get().struct()) == 0;
  }

  /**
   * Returns the settings of a terminal for {@link #restore}; null if {@code fd} is not a terminal.
   */
  public static byte[] settings(int fd) {
    long struct = Scratch.get().struct();
    if (Linux.ioctl(fd, TCGETS, struct) < 0) {
      return null;
    }
    byte[] settings = new byte[TERMIOS_SIZE];
    Memory.getBytes(struct, settings, 0, TERMIOS_SIZE);
    return settings;
  }

  public static int restore(int fd, byte[] settings) {
    long struct = Scratch.get().struct();
    Memory.putBytes(struct, settings, 0, TERMIOS_SIZE);
    return Linux.ioctl(fd, TCSETS, struct);
  }

  /** Makes a terminal pass every byte unchanged in both directions, as cfmakeraw(3) does. */
  public static int makeRaw(int fd) {
    long struct = Scratch.get().struct();
    int result = Linux.ioctl(fd, TCGETS, struct);
    if (result < 0) {
      return result;
    }
    clear(struct + IFLAG, IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    clear(struct + OFLAG, OPOST);
    clear(struct + LFLAG, ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    clear(struct + CFLAG, CSIZE | PARENB);
    Memory.putInt(struct + CFLAG, Memory.getInt(struct + CFLAG) | CS8);
    Memory.putByte(struct + CC + VMIN, (byte) 1);
    Memory.putByte(struct + CC + VTIME, (byte) 0);
    return Linux.ioctl(fd, TCSETS, struct);
  }

  private static void clear(long address, int bits) {
    Memory.putInt(address, Memory.getInt(address) & ~bits);
  }

  /** Returns the rows and columns of a terminal; null if {@code fd} is not a terminal. */
  public static int[] size(int fd) {
    long struct = Scratch.get().struct();
    if (Linux.ioctl(fd, TIOCGWINSZ, struct) < 0) {
      return null;
    }
    return new int[] {
      Memory.getShort(struct + WINSIZE_ROWS), Memory.getShort(struct + WINSIZE_COLUMNS)
    };
  }

  /** Gives a terminal the size of another one. */
  public static int copySize(int from, int to) {
    long struct = Scratch.get().struct();
    int result = Linux.ioctl(from, TIOCGWINSZ, struct);
    return result < 0 ? result : Linux.ioctl(to, TIOCSWINSZ, struct);
  }

  /**
   * Opens the other end of a pseudo-terminal without its path (Linux 4.13).
   *
   * @param master an open {@code ptmx}
   * @return a descriptor, which the caller closes, or the negative errno
   */
  public static int openPeer(int master) {
    long unlocked = Scratch.get().struct();
    Memory.putInt(unlocked, 0);
    int result = Linux.ioctl(master, TIOCSPTLCK, unlocked);
    if (result < 0) {
      return result;
    }
    int flags = OpenFlags.O_RDWR | OpenFlags.O_NOCTTY | OpenFlags.O_CLOEXEC;
    return Linux.ioctl(master, TIOCGPTPEER, flags);
  }
}
