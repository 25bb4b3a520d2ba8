package dev.lamina.image.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lamina.image.BlockInput;
import dev.lamina.image.ImageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.regex.Pattern;
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
 * <p>Sparse files come out as plain ones that have their parts alone, and {@link #sparse} tells
 * where these belong: commons-compress (1.28) takes sizes of the PAX forms for an int, and reads
 * every hole byte by byte.
 *
 * <p>An archive may end with the last byte of a file: {@code umoci insert} (0.4.7) writes neither
 * the rest of that record nor the two empty ones, and Go's archive/tar asks for none.
 *
 * <p>On the way it checks what commons-compress does not: the checksum of each header, and that no
 * extended header is larger than any real one. Everything else passes unchanged.
 */
public final class PaxBytes extends BlockInput {
  public static final int RECORD = 512;

  /** The prefix of PAX records that are extended attributes: what every tool writes. */
  public static final String XATTR = "SCHILY.xattr.";

  /** The value of an extended attribute that is empty. */
  public static final String NOTHING = "\u0100";

  /** The largest extended header, in bytes; Go's archive/tar has the same limit. */
  static final int LARGEST_HEADER = 1 << 20;

  private static final int SIZE = 124;
  private static final int SIZE_LENGTH = 12;
  private static final int CHECKSUM = 148;
  private static final int CHECKSUM_LENGTH = 8;
  private static final int TYPE = 156;
  private static final int GNU_IS_EXTENDED = 482;
  private static final int GNU_NEXT_IS_EXTENDED = 504;

  private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,18}|[0-8][0-9]{18}");

  private static final byte[] XATTR_BYTES = XATTR.getBytes(UTF_8);
  private static final byte[] NOTHING_BYTES = NOTHING.getBytes(UTF_8);
  private static final byte[] NO_BYTES = {};

  /** Extended headers before one entry; any tool writes three at most. */
  private static final int MOST_HEADERS = 8;

  /** Bytes of all global headers together: commons-compress keeps what they say for every entry. */
  private static final int MOST_GLOBAL = 64 << 10;

  private byte[] ready = {};
  private int readyAt;

  /** Bytes to pass on before the next header. */
  private long passing;

  /** How many of those, at their end, only fill the last record of an entry's data. */
  private long padding;

  /** Extended headers since the last entry. */
  private int headers;

  private int global;

  /** Of the next entry, as are its names. */
  private SparseRecords sparseRecords = new SparseRecords();

  private EntryNames names = new EntryNames();

  /** Of the current entry; null for a file without holes. */
  private SparseMap sparse;

  /** Bytes read. */
  private long count;

  /** What the archive's stream has thrown. */
  private IOException failure;

  /** The next entry's size, as its extended header has it; -1 where it does not tell. */
  private long announced = -1;

  public PaxBytes(InputStream in) {
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
      int read = in.read(buffer, offset, length);
      count += Math.max(read, 0);
      return read;
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  private byte[] receive(int length) throws IOException {
    try {
      byte[] bytes = in.readNBytes(length);
      count += bytes.length;
      return bytes;
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  /** The bytes of the archive that have been read. */
  public long count() {
    return count;
  }

  /** Where the data of the entry belong whose header was read last; null where nowhere else. */
  public SparseMap sparse() {
    return sparse;
  }

  /**
   * What reading the archive has failed with, for the user: what the stream that it comes from has
   * thrown as it is, and what commons-compress says of the archive with a word before it.
   */
  public IOException explained(Exception e) {
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
        longName(header, size);
      }
      case TarConstants.LF_GNUTYPE_SPARSE -> {
        oldSparse(header, size);
        startEntry();
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
        // Some writers tell the size of what a link names; no data follows.
        setNumber(header, 0);
        sparse = null;
        startEntry();
      }
      default -> {
        long data = announced >= 0 ? announced : size;
        sparse = null;
        if (sparseRecords.areThere()) {
          data -= sparseRecords.readMap(() -> receive(RECORD));
          sparse = sparseRecords.map(data);
        }
        if (data != size) {
          setNumber(header, data);
        }
        names.checkData(header, data);
        passData(data);
        startEntry();
      }
    }
    return true;
  }

  private void startEntry() {
    headers = 0;
    announced = -1;
    sparseRecords = new SparseRecords();
    names = new EntryNames();
  }

  private void countHeader() throws ImageException {
    if (++headers > MOST_HEADERS) {
      throw new ImageException("more than " + MOST_HEADERS + " extended headers before one entry");
    }
  }

  private void makeReady(byte[] bytes) {
    ready = bytes;
    readyAt = 0;
  }

  private void passData(long size) throws ImageException {
    passing = padded(size);
    padding = passing - size;
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

  /** The map of a sparse file in GNU's old format goes on in blocks behind the header. */
  private void oldSparse(byte[] header, long size) throws IOException {
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
    long data = announced >= 0 ? announced : size;
    sparse = SparseMap.ofOldGnu(all.toByteArray(), data);
    SparseMap.clear(header);
    header[TYPE] = TarConstants.LF_NORMAL;
    setNumber(header, data);
    names.checkData(header, data);
    passData(data);
  }

  /** The name of an entry, or of what it links to, in a header of GNU tar's. */
  private void longName(byte[] header, long size) throws IOException {
    EntryNames.checkOwn(header, size);
    byte[] name = receiveHeader(size);
    if (header[TYPE] == TarConstants.LF_GNUTYPE_LONGNAME) {
      names.giveLong(name, (int) size);
    }
    byte[] all = Arrays.copyOf(header, RECORD + name.length);
    System.arraycopy(name, 0, all, RECORD, name.length);
    makeReady(all);
  }

  /** The data of an extended header, in whole records. */
  private byte[] receiveHeader(long size) throws IOException {
    checkHeaderSize(size);
    byte[] data = receive((int) padded(size));
    if (data.length < size) {
      throw new ImageException("the archive is cut off");
    }
    return data;
  }

  private void extended(byte[] header, long size) throws IOException {
    byte[] records = receiveHeader(size);
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
      String key = new String(records, at + 1, equals - at - 1, ISO_8859_1);
      String value = new String(records, equals + 1, end - equals - 2, ISO_8859_1);
      boolean isSize = key.equals("size");
      if (isSize || key.startsWith(SparseRecords.PREFIX)) {
        if (isGlobal) {
          throw new ImageException("the archive gives all its entries one size");
        }
        if (isSize) {
          announced = decimal(value);
        } else {
          sparseRecords.add(key, value);
        }
      } else {
        if (key.equals("path")) {
          if (isGlobal) {
            throw new ImageException("the archive gives all its entries one name");
          }
          names.give(value);
        }
        SparseRecords.checkOther(key, value);
        boolean isNothing = equals == end - 2 && startsWith(records, at + 1, XATTR_BYTES);
        writeRecord(records, at + 1, end - 1, isNothing ? NOTHING_BYTES : NO_BYTES, out);
      }
      start = end;
    }
    if (!isGlobal && sparseRecords.name() != null) {
      names.give(sparseRecords.name());
      byte[] path = ("path=" + sparseRecords.name()).getBytes(ISO_8859_1);
      writeRecord(path, 0, path.length, NO_BYTES, out);
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

  /** A size or a place in a file. */
  static long decimal(String text) throws ImageException {
    if (!DECIMAL.matcher(text).matches()) {
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

  /** The same, from a field of a header. */
  static long number(byte[] header, int offset, int length) throws ImageException {
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
