package dev.lamina.image.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.ImageException;
import java.util.Arrays;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * A header of an archive, one block, in any of the formats V7, ustar (POSIX.1-2017, pax, "ustar
 * Interchange Format"), star and old GNU, which differ in what follows byte 257. The object is
 * reused for each header.
 *
 * <p>Names are bytes, each held as one character.
 */
final class TarHeader {
  static final int BLOCK = 512;

  private static final int MODE = 100;
  private static final int UID = 108;
  private static final int GID = 116;
  private static final int SIZE = 124;
  private static final int MODIFIED = 136;
  private static final int TYPE = 156;
  private static final int LINK_NAME = 157;
  private static final int MAJOR = 329;
  private static final int MINOR = 337;
  private static final int PREFIX = 345;
  private static final int STAR_ACCESSED = 476;

  /** The offset of the size of a sparse file in GNU tar's old format. */
  private static final int REAL_SIZE = 483;

  /**
   * The offset of the access time in GNU tar's format; ustar and star have part of the name there.
   */
  private static final int GNU_ACCESSED = PREFIX;

  private static final byte[] USTAR = "ustar\0".getBytes(ISO_8859_1);

  /** GNU tar's magic and version. */
  private static final byte[] GNU = "ustar  \0".getBytes(ISO_8859_1);

  private static final byte[] STAR_TRAILER = "tar\0".getBytes(ISO_8859_1);
  private static final byte[] ZEROS = new byte[BLOCK];

  /** The result of {@link #number(int, int)} for a field that is not a number. */
  static final long MALFORMED = Long.MIN_VALUE;

  final byte[] bytes = new byte[BLOCK];

  boolean isZero() {
    return Arrays.equals(bytes, ZEROS);
  }

  /**
   * Returns whether the checksum is right. Some old programs have summed signed bytes, which is
   * accepted.
   */
  boolean hasValidChecksum() {
    int end = TarConstants.CHKSUM_OFFSET + TarConstants.CHKSUMLEN;
    int signed = TarConstants.CHKSUMLEN * ' ';
    int negative = 0;
    for (int i = 0; i < BLOCK; i++) {
      if (i < TarConstants.CHKSUM_OFFSET || i >= end) {
        signed += bytes[i];
        negative += bytes[i] >>> Integer.SIZE - 1 & 1;
      }
    }
    long stored = number(TarConstants.CHKSUM_OFFSET, TarConstants.CHKSUMLEN);
    return stored == signed || stored == signed + (negative << Byte.SIZE);
  }

  byte type() {
    return bytes[TYPE];
  }

  String name() {
    String name = text(0, TarConstants.NAMELEN);
    if (has(TarConstants.MAGIC_OFFSET, USTAR) && bytes[PREFIX] != 0) {
      int length = isStar() ? TarConstants.PREFIXLEN_XSTAR : TarConstants.PREFIXLEN;
      return text(PREFIX, length) + "/" + name;
    }
    return name;
  }

  String linkName() {
    return text(LINK_NAME, TarConstants.NAMELEN);
  }

  int mode() throws ImageException {
    return (int) number(MODE, TarConstants.MODELEN, "mode");
  }

  long uid() throws ImageException {
    return number(UID, TarConstants.UIDLEN, "owner");
  }

  long gid() throws ImageException {
    return number(GID, TarConstants.GIDLEN, "group");
  }

  /** Returns the size in the header, whether or not data follows. */
  long size() throws ImageException {
    return size(SIZE, "size");
  }

  /** Returns the size of a sparse file in GNU tar's old format, holes included. */
  long realSize() throws ImageException {
    return size(REAL_SIZE, "real size");
  }

  private long size(int at, String field) throws ImageException {
    long size = number(at, TarConstants.SIZELEN, field);
    if (size < 0) {
      throw damaged(field, "is negative");
    }
    return size;
  }

  /** Returns the modification time in seconds since 1970. */
  long modified() throws ImageException {
    return number(MODIFIED, TarConstants.MODTIMELEN, "modification time");
  }

  /** Returns the access time in seconds since 1970, or 0 when there is none. */
  long accessed() throws ImageException {
    boolean isThere = isGnu() || isStar();
    int at = isGnu() ? GNU_ACCESSED : STAR_ACCESSED;
    return isThere ? Math.max(number(at, TarConstants.ATIMELEN_GNU, "access time"), 0) : 0;
  }

  long major() throws ImageException {
    return number(MAJOR, TarConstants.DEVLEN, "major device number");
  }

  long minor() throws ImageException {
    return number(MINOR, TarConstants.DEVLEN, "minor device number");
  }

  boolean isGnu() {
    return has(TarConstants.MAGIC_OFFSET, GNU);
  }

  private boolean isStar() {
    return has(TarConstants.MAGIC_OFFSET, USTAR)
        && has(TarConstants.XSTAR_MAGIC_OFFSET, STAR_TRAILER);
  }

  private boolean has(int at, byte[] magic) {
    return Arrays.equals(bytes, at, at + magic.length, magic, 0, magic.length);
  }

  private String text(int at, int longest) {
    int length = 0;
    while (length < longest && bytes[at + length] != 0) {
      length++;
    }
    return new String(bytes, at, length, ISO_8859_1);
  }

  private long number(int at, int length, String field) throws ImageException {
    long number = number(at, length);
    if (number == MALFORMED) {
      throw damaged(field, "is not a number");
    }
    return number;
  }

  private ImageException damaged(String field, String what) {
    return TarReader.damaged(name(), "the " + field + " in its header " + what);
  }

  /** Parses octal digits, which may have spaces or NULs around them, or a number in base 256. */
  long number(int at, int length) {
    if (bytes[at] < 0) {
      return base256(at, length);
    }
    if (bytes[at] == 0) {
      return 0;
    }
    int from = at;
    int end = at + length;
    while (from < end && bytes[from] == ' ') {
      from++;
    }
    while (end > from && (bytes[end - 1] == 0 || bytes[end - 1] == ' ')) {
      end--;
    }
    long number = 0;
    for (int i = from; i < end; i++) {
      if (bytes[i] < '0' || bytes[i] > '7') {
        return MALFORMED;
      }
      number = number << 3 | bytes[i] - '0';
    }
    return number;
  }

  /**
   * Parses GNU tar's form of numbers that have too many octal digits: big-endian two's complement,
   * marked by the highest bit.
   */
  private long base256(int at, int length) {
    long number = (byte) (bytes[at] << 1) >> 1;
    for (int i = at + 1; i < at + length; i++) {
      if (number << Byte.SIZE >> Byte.SIZE != number) {
        return MALFORMED;
      }
      number = number << Byte.SIZE | bytes[i] & 0xff;
    }
    return number;
  }
}
