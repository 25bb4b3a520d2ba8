package dev.lamina.image.archive;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lamina.image.BlockInput;
import dev.lamina.image.ImageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.tar.TarUtils;

/**
 * A tar archive in which extended headers hold each byte as one character.
 *
 * <p>Names, link targets and attributes are bytes, and so are the values of PAX records whatever
 * POSIX says of UTF-8: every tool writes a file's name as it is. commons-compress decodes them as
 * UTF-8 and loses what is none. So each record is written anew with every byte above 127 as the two
 * bytes of that character of ISO 8859-1 in UTF-8; names then come out as ISO 8859-1 strings, the
 * same as those in plain headers read with that encoding.
 *
 * <p>An extended attribute may be empty, and GNU tar writes and reads it so; commons-compress would
 * drop the record. Its value becomes {@link #NOTHING}, which no byte becomes.
 *
 * <p>An archive may end with the last byte of a file: {@code umoci insert} (0.4.7) writes neither
 * the rest of that record nor the two empty ones, and Go's archive/tar asks for none.
 *
 * <p>On the way it checks what commons-compress does not: the checksum of each header, and that no
 * extended header is larger than any real one. Everything else passes unchanged.
 */
final class PaxBytes extends BlockInput {
  static final int RECORD = 512;

  /** The prefix of PAX records that are extended attributes: what every tool writes. */
  static final String XATTR = "SCHILY.xattr.";

  /** The value of an extended attribute that is empty. */
  static final String NOTHING = "\u0100";

  /** The largest extended header, in bytes; Go's archive/tar has the same limit. */
  static final int LARGEST_HEADER = 1 << 20;

  private static final int SIZE = 124;
  private static final int SIZE_LENGTH = 12;
  private static final int CHECKSUM = 148;
  private static final int CHECKSUM_LENGTH = 8;
  private static final int TYPE = 156;
  private static final int GNU_IS_EXTENDED = 482;
  private static final int GNU_NEXT_IS_EXTENDED = 504;

  private static final byte[] XATTR_BYTES = XATTR.getBytes(UTF_8);
  private static final byte[] NOTHING_BYTES = NOTHING.getBytes(UTF_8);
  private static final byte[] NO_BYTES = {};
  private static final byte[] SIZE_KEY = "size".getBytes(ISO_8859_1);

  /** Extended headers before one entry; any tool writes three at most. */
  private static final int MOST_HEADERS = 8;

  /** Bytes of all global headers together: commons-compress keeps what they say for every entry. */
  private static final int MOST_GLOBAL = 64 << 10;

  /** Parts of a sparse file whose map is before its data (GNU tar, format 1.0). */
  private static final int MOST_PARTS = 100_000;

  private static final byte[] SPARSE_MAJOR = "GNU.sparse.major=1".getBytes(ISO_8859_1);

  private static final Set<String> SPARSE_SIZES = Set.of("GNU.sparse.size", "GNU.sparse.realsize");

  private byte[] ready = {};
  private int readyAt;

  /** Bytes to pass on before the next header. */
  private long passing;

  /** How many of those, at their end, only fill the last record of an entry's data. */
  private long padding;

  /** Extended headers since the last entry. */
  private int headers;

  private int global;

  /** Whether the next entry's data begin with a map. */
  private boolean hasMap;

  /** What the archive's stream has thrown. */
  private IOException failure;

  /** The next entry's size, as its extended header has it; -1 where it does not tell. */
  private long announced = -1;

  PaxBytes(InputStream in) {
    super(in);
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (readyAt == ready.length) {
      if (passing > 0) {
        int read = receive(buffer, offset, (int) Math.min(length, passing));
        if (read < 0 && passing <= padding) {
          makeReady(new byte[(int) passing]);
          passing = 0;
          continue;
        }
        passing -= Math.max(read, 0);
        return read;
      }
      if (!readHeader()) {
        return -1;
      }
    }
    int copied = Math.min(length, ready.length - readyAt);
    System.arraycopy(ready, readyAt, buffer, offset, copied);
    readyAt += copied;
    return copied;
  }

  private int receive(byte[] buffer, int offset, int length) throws IOException {
    try {
      return in.read(buffer, offset, length);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  private byte[] receive(int length) throws IOException {
    try {
      return in.readNBytes(length);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  /**
   * What reading the archive has failed with, for the user: what the stream that it comes from has
   * thrown as it is, and what commons-compress says of the archive with a word before it.
   */
  IOException explained(Exception e) {
    if (e == failure || e instanceof ImageException) {
      return (IOException) e;
    }
    return new ImageException("the archive is damaged: " + e.getMessage(), e);
  }

  @Override
  public int available() throws IOException {
    return readyAt < ready.length ? ready.length - readyAt : passing > 0 ? in.available() : 0;
  }

  /** Makes the next header ready; false at the end of the archive. */
  private boolean readHeader() throws IOException {
    byte[] header = receive(RECORD);
    makeReady(header);
    if (header.length < RECORD) {
      // Cut off, which the reader of the archive finds out.
      return header.length > 0;
    }
    if (isZero(header)) {
      // The end; what may follow is no header.
      passing = Long.MAX_VALUE;
      padding = 0;
      return true;
    }
    if (!TarUtils.verifyCheckSum(header)) {
      throw new ImageException("the archive is damaged: a header has a wrong checksum");
    }
    long size = number(header, SIZE, SIZE_LENGTH);
    switch (header[TYPE]) {
      case TarConstants.LF_PAX_EXTENDED_HEADER_LC,
          TarConstants.LF_PAX_EXTENDED_HEADER_UC,
          TarConstants.LF_PAX_GLOBAL_EXTENDED_HEADER -> {
        countHeader();
        extended(header, size);
      }
      case TarConstants.LF_GNUTYPE_LONGNAME, TarConstants.LF_GNUTYPE_LONGLINK -> {
        countHeader();
        checkHeaderSize(size);
        passing = padded(size);
        padding = 0;
      }
      case TarConstants.LF_GNUTYPE_SPARSE -> {
        headers = 0;
        sparse(header);
        passData(size);
      }
      case TarConstants.LF_LINK,
          TarConstants.LF_SYMLINK,
          TarConstants.LF_CHR,
          TarConstants.LF_BLK,
          TarConstants.LF_DIR,
          TarConstants.LF_FIFO -> {
        if (announced > 0) {
          throw new ImageException("the archive is damaged: an entry has data that can have none");
        }
        headers = 0;
        hasMap = false;
        // Some writers tell the size of what a link names; no data follows.
        setNumber(header, 0);
        announced = -1;
      }
      default -> {
        headers = 0;
        passData(size);
        if (hasMap) {
          checkMap(header);
        }
      }
    }
    return true;
  }

  private void countHeader() throws ImageException {
    if (++headers > MOST_HEADERS) {
      throw new ImageException("more than " + MOST_HEADERS + " extended headers before one entry");
    }
  }

  /** Its first line is the number of parts; commons-compress makes room for as many as it says. */
  private void checkMap(byte[] header) throws IOException {
    hasMap = false;
    byte[] block = receive((int) Math.min(RECORD, passing));
    passing -= block.length;
    long parts = 0;
    for (int i = 0; i < block.length && block[i] >= '0' && block[i] <= '9'; i++) {
      parts = Math.min(parts * 10 + block[i] - '0', Integer.MAX_VALUE);
    }
    if (parts > MOST_PARTS) {
      throw new ImageException("a sparse file of " + parts + " parts; the most is " + MOST_PARTS);
    }
    byte[] both = Arrays.copyOf(header, RECORD + block.length);
    System.arraycopy(block, 0, both, RECORD, block.length);
    makeReady(both);
  }

  private void makeReady(byte[] bytes) {
    ready = bytes;
    readyAt = 0;
  }

  private void passData(long size) throws ImageException {
    long told = announced >= 0 ? announced : size;
    passing = padded(told);
    padding = passing - told;
    announced = -1;
  }

  private static long padded(long size) throws ImageException {
    if (size > Long.MAX_VALUE - RECORD) {
      throw new ImageException("the archive is damaged: an entry of " + size + " bytes");
    }
    return (size + RECORD - 1) / RECORD * RECORD;
  }

  private static void checkHeaderSize(long size) throws ImageException {
    if (size > LARGEST_HEADER) {
      throw new ImageException(
          "an extended header of " + size + " bytes; the most is " + LARGEST_HEADER);
    }
  }

  /** The maps of a sparse file in GNU's old format go on in blocks behind the header. */
  private void sparse(byte[] header) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(header);
    boolean goesOn = header[GNU_IS_EXTENDED] != 0;
    while (goesOn) {
      byte[] block = receive(RECORD);
      if (block.length < RECORD) {
        throw new ImageException("the archive is cut off");
      }
      all.write(block);
      checkHeaderSize(all.size());
      goesOn = block[GNU_NEXT_IS_EXTENDED] != 0;
    }
    makeReady(all.toByteArray());
  }

  private void extended(byte[] header, long size) throws IOException {
    checkHeaderSize(size);
    byte[] records = receive((int) padded(size));
    if (records.length < size) {
      throw new ImageException("the archive is cut off");
    }
    boolean isGlobal = header[TYPE] == TarConstants.LF_PAX_GLOBAL_EXTENDED_HEADER;
    if (isGlobal) {
      global += (int) size;
      if (global > MOST_GLOBAL) {
        throw new ImageException("more than " + MOST_GLOBAL + " bytes of global headers");
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(RECORD + 2 * (int) size);
    out.write(header);
    rewrite(records, (int) size, out, isGlobal);
    int written = out.size() - RECORD;
    out.write(new byte[(int) (padded(written) - written)]);
    byte[] all = out.toByteArray();
    setNumber(all, written);
    makeReady(all);
  }

  /** Records have the form {@code LENGTH KEY=VALUE\n} (POSIX pax, "pax Extended Header"). */
  private void rewrite(byte[] records, int size, ByteArrayOutputStream out, boolean isGlobal)
      throws ImageException {
    int start = 0;
    while (start < size) {
      int at = start;
      int length = 0;
      while (at < size && records[at] >= '0' && records[at] <= '9' && length <= size) {
        length = length * 10 + records[at++] - '0';
      }
      int end = start + length;
      boolean isRecord =
          at > start
              && at < size
              && records[at] == ' '
              && end > at + 1
              && end <= size
              && records[end - 1] == '\n';
      int equals = isRecord ? indexOf(records, '=', at + 1, end - 1) : -1;
      if (equals < 0) {
        throw new ImageException("the archive is damaged: a PAX record has no valid form");
      }
      checkSparse(records, at + 1, equals, end - 1);
      hasMap |=
          end - 1 - (at + 1) == SPARSE_MAJOR.length && startsWith(records, at + 1, SPARSE_MAJOR);
      if (Arrays.equals(records, at + 1, equals, SIZE_KEY, 0, SIZE_KEY.length)) {
        if (isGlobal) {
          throw new ImageException("the archive gives all its entries one size");
        }
        announced = decimal(records, equals + 1, end - 1);
      }
      boolean isNothing = equals == end - 2 && startsWith(records, at + 1, XATTR_BYTES);
      writeRecord(records, at + 1, end - 1, isNothing ? NOTHING_BYTES : NO_BYTES, out);
      start = end;
    }
  }

  /** commons-compress (1.28) takes the size of such a file for an int, whatever it is. */
  private static void checkSparse(byte[] records, int key, int equals, int end)
      throws ImageException {
    String name = new String(records, key, equals - key, ISO_8859_1);
    if (SPARSE_SIZES.contains(name)) {
      long size = decimal(records, equals + 1, end);
      if (size > Integer.MAX_VALUE) {
        throw new ImageException(
            "a sparse file of "
                + size
                + " bytes in the PAX format, of which those up to 2 GiB can be read; make the"
                + " archive with tar --format=gnu");
      }
    }
  }

  private static int indexOf(byte[] bytes, char wanted, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return -1;
  }

  private static long decimal(byte[] bytes, int from, int to) throws ImageException {
    String text = new String(bytes, from, to - from, ISO_8859_1);
    if (!text.matches("[0-9]{1,18}|[0-8][0-9]{18}")) {
      throw new ImageException("the archive is damaged: an entry has no valid size");
    }
    return Long.parseLong(text);
  }

  private static boolean startsWith(byte[] bytes, int from, byte[] prefix) {
    int end = from + prefix.length;
    return end <= bytes.length && Arrays.equals(bytes, from, end, prefix, 0, prefix.length);
  }

  /**
   * @param more put behind the value as it is
   */
  private static void writeRecord(
      byte[] bytes, int from, int to, byte[] more, ByteArrayOutputStream out) {
    int length = 2 + more.length;
    for (int i = from; i < to; i++) {
      length += bytes[i] < 0 ? 2 : 1;
    }
    // The length counts its own digits.
    int digits = 1;
    while (Integer.toString(length + digits).length() > digits) {
      digits++;
    }
    out.writeBytes(Integer.toString(length + digits).getBytes(ISO_8859_1));
    out.write(' ');
    for (int i = from; i < to; i++) {
      if (bytes[i] < 0) {
        out.write(0xc0 | (bytes[i] & 0xff) >> 6);
        out.write(0x80 | bytes[i] & 0x3f);
      } else {
        out.write(bytes[i]);
      }
    }
    out.writeBytes(more);
    out.write('\n');
  }

  private static boolean isZero(byte[] header) {
    for (byte value : header) {
      if (value != 0) {
        return false;
      }
    }
    return true;
  }

  private static long number(byte[] header, int offset, int length) throws ImageException {
    try {
      long value = TarUtils.parseOctalOrBinary(header, offset, length);
      if (value >= 0) {
        return value;
      }
    } catch (IllegalArgumentException e) {
      // As below.
    }
    throw new ImageException("the archive is damaged: an entry has no valid size");
  }

  /** Sets the size in a header, and the checksum that follows from it. */
  private static void setNumber(byte[] header, long size) {
    TarUtils.formatLongOctalOrBinaryBytes(size, header, SIZE, SIZE_LENGTH);
    Arrays.fill(header, CHECKSUM, CHECKSUM + CHECKSUM_LENGTH, (byte) ' ');
    long sum = TarUtils.computeCheckSum(Arrays.copyOf(header, RECORD));
    TarUtils.formatCheckSumOctalBytes(sum, header, CHECKSUM, CHECKSUM_LENGTH);
  }
}
