package dev.lamina.image.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.ImageException;
import dev.lamina.image.Messages;
import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Reads the entries of a tar archive, which is not trusted. It reads ustar and pax (POSIX.1-2017,
 * pax), V7, and the formats of star and GNU tar, with long names and sparse files.
 *
 * <p>Names and values are bytes, each held as one character, since tools write a file's name as it
 * is, whatever POSIX says of UTF-8.
 *
 * <p>Where programs differ, this class does what Go's {@code archive/tar} does, with which docker,
 * podman and skopeo read archives:
 *
 * <ul>
 *   <li>Of several names of an entry, the real name of a sparse file counts first, then GNU tar's
 *       long name, then the name of the pax header. Of several pax headers before an entry, the
 *       last one counts.
 *   <li>Links, devices and directories have no data, whatever the size in their header.
 *   <li>A lone block of zeros ends the archive only when nothing follows it. The blocks of zeros
 *       may be missing, and so may the rest of the last block of data ({@code umoci insert}, 0.4.7,
 *       writes neither).
 * </ul>
 *
 * <p>Global headers, which Go leaves to its caller, apply to all entries that follow, as in POSIX
 * and GNU tar.
 */
public final class TarReader {
  /** The size of an archive whose size is not known. */
  public static final long UNKNOWN = Long.MAX_VALUE;

  public static final int BLOCK = TarHeader.BLOCK;

  /** The limit on the size of an extended header in bytes, the same as in Go's archive/tar. */
  static final int MAX_HEADER_SIZE = 1 << 20;

  /** The limit on extended headers before one entry; common programs write three at most. */
  static final int MAX_HEADERS = 8;

  /** The limit on the size of all global headers together, which are kept in memory. */
  static final int MAX_GLOBAL_SIZE = 64 << 10;

  private static final String STAR_SPARSE = "sparse";

  private final InputStream in;
  private final long size;
  private final TarHeader header = new TarHeader();
  private final PaxRecords global = new PaxRecords(null);
  private int globalBytes;
  private boolean isTar;

  /** The number of bytes before the data of the current entry. */
  private long position;

  private long dataSize;
  private BoundedInput data = new BoundedInput(InputStream.nullInputStream(), 0, "");

  /** The last name in the extended headers of the next entry that ends in a slash. */
  private String directory;

  /**
   * @param in the archive from its beginning, not compressed; it is not closed
   * @param size of the archive in bytes, or {@link #UNKNOWN}
   */
  public TarReader(InputStream in, long size) {
    this.in = in;
    this.size = size;
  }

  static ImageException damaged(String what) {
    return new ImageException("the archive is damaged: " + what);
  }

  static ImageException damaged(String entry, String what) {
    return damaged(Messages.quote(entry) + ": " + what);
  }

  /**
   * Reads the headers of the next entry. Data of the last one that was not read is skipped.
   *
   * @return null at the end of the archive, after which this method must not be called again
   * @throws ImageException when the archive is damaged or truncated, or larger than limits allow
   */
  public TarEntry next() throws IOException {
    skipData();
    PaxRecords pax = new PaxRecords(global);
    String longName = "";
    String longLink = "";
    directory = null;
    boolean isPending = false;
    for (int headers = 0; readHeader(); headers++) {
      byte type = header.type();
      switch (type) {
        case TarConstants.LF_PAX_GLOBAL_EXTENDED_HEADER -> {
          byte[] records = readExtended();
          globalBytes += records.length;
          if (globalBytes > MAX_GLOBAL_SIZE) {
            throw damaged("there are more than " + MAX_GLOBAL_SIZE + " bytes of global headers");
          }
          global.add(records);
        }
        case TarConstants.LF_PAX_EXTENDED_HEADER_LC, TarConstants.LF_PAX_EXTENDED_HEADER_UC -> {
          pax = new PaxRecords(global);
          pax.add(readExtended());
          noteName(pax.text("path"));
          noteName(pax.text(PaxRecords.SPARSE_NAME));
        }
        case TarConstants.LF_GNUTYPE_LONGNAME -> {
          longName = readLongName();
          noteName(longName);
        }
        case TarConstants.LF_GNUTYPE_LONGLINK -> longLink = readLongName();
        default -> {
          return entry(pax, longName, longLink);
        }
      }
      isPending |= type != TarConstants.LF_PAX_GLOBAL_EXTENDED_HEADER;
      if (headers == MAX_HEADERS) {
        throw damaged("more than " + MAX_HEADERS + " extended headers are before one entry");
      }
    }
    if (isPending) {
      throw damaged("no entry follows the last extended header");
    }
    return null;
  }

  private void skipData() throws IOException {
    data.skipNBytes(data.left());
    int padding = (int) -dataSize & BLOCK - 1;
    position += dataSize + in.readNBytes(header.bytes, 0, padding);
    dataSize = 0;
  }

  /** Reads the next header, and returns false at the end of the archive. */
  private boolean readHeader() throws IOException {
    long start = position;
    if (!readBlockIfAny(header)) {
      return false;
    }
    if (header.isZero()) {
      if (readBlockIfAny(header) && !header.isZero()) {
        throw damaged("more data follows the end, a lone block of zeros at byte " + start);
      }
      return false;
    }
    if (!header.hasValidChecksum()) {
      throw damaged("the header at byte " + start + " has a wrong checksum");
    }
    isTar = true;
    return true;
  }

  /** Reads a block, and returns false at the end of the stream. */
  private boolean readBlockIfAny(TarHeader into) throws IOException {
    int read = in.readNBytes(into.bytes, 0, BLOCK);
    position += read;
    if (read > 0 && read < BLOCK) {
      throw damaged("it is truncated in a header, at byte " + position);
    }
    return read > 0;
  }

  /** Reads a block that must be there. */
  void readBlock(TarHeader into) throws IOException {
    if (!readBlockIfAny(into)) {
      throw damaged("it is truncated in a header, at byte " + position);
    }
  }

  /** Reads the data of an extended header. */
  private byte[] readExtended() throws IOException {
    long length = header.size();
    if (length > MAX_HEADER_SIZE) {
      throw damaged(
          "an extended header has " + length + " bytes, which is more than " + MAX_HEADER_SIZE);
    }
    dataSize = length;
    data = new BoundedInput(in, length, "an extended header of the archive");
    byte[] bytes = data.readNBytes((int) length);
    skipData();
    return bytes;
  }

  /** Reads a name from one of GNU tar's headers for long names; NULs at its end are removed. */
  private String readLongName() throws IOException {
    if (header.size() > 0 && header.name().endsWith("/")) {
      // Some programs take this header for a directory and its data for further headers.
      throw directoryWithData(header.name());
    }
    byte[] bytes = readExtended();
    int length = bytes.length;
    while (length > 0 && bytes[length - 1] == 0) {
      length--;
    }
    return new String(bytes, 0, length, ISO_8859_1);
  }

  private void noteName(String name) {
    if (name != null && name.endsWith("/")) {
      directory = name;
    }
  }

  private TarEntry entry(PaxRecords pax, String longName, String longLink) throws IOException {
    byte type = header.type();
    String name =
        first(pax.text(PaxRecords.SPARSE_NAME), longName, pax.text("path"), header.name());
    String linkName = first(longLink, pax.text("linkpath"), header.linkName());
    if (STAR_SPARSE.equals(pax.text("SCHILY.filetype"))) {
      throw SparseMap.unknownFormat(name);
    }
    long stated = pax.size("size", -1, name);
    if (TarEntry.hasData(type)) {
      dataSize = stated >= 0 ? stated : header.size();
    } else if (stated > 0) {
      throw damaged(
          name,
          "it cannot have data, but its extended header says that it has " + stated + " bytes");
    }
    SparseMap sparse = null;
    if (type == TarConstants.LF_GNUTYPE_SPARSE) {
      sparse = SparseMap.ofOldFormat(header, name, this);
    }
    checkData(name);
    data = new BoundedInput(in, dataSize, Messages.quote(name));
    if (sparse == null && TarEntry.hasData(type)) {
      sparse = SparseMap.ofRecords(pax, name, data);
    }
    if (sparse != null) {
      sparse.check(data.left());
    }
    boolean isDevice = type == TarConstants.LF_CHR || type == TarConstants.LF_BLK;
    long accessed = header.accessed();
    return new TarEntry(
        name,
        type,
        linkName,
        header.mode(),
        pax.number("uid", header.uid(), name),
        pax.number("gid", header.gid(), name),
        pax.time("mtime", header.modified(), "modification time", name),
        accessed == 0 && pax.text("atime") == null
            ? null
            : pax.time("atime", accessed, "access time", name),
        isDevice ? device(pax.number("SCHILY.devmajor", header.major(), name), name) : 0,
        isDevice ? device(pax.number("SCHILY.devminor", header.minor(), name), name) : 0,
        sparse != null ? sparse.size() : TarEntry.hasData(type) ? dataSize : header.size(),
        sparse,
        pax.attributes());
  }

  /** Returns a part of a device number, which has 32 bits at most (makedev(3)). */
  private static int device(long number, String name) throws ImageException {
    // Cut off, it would be that of another device, or of a whiteout.
    if (number >>> Integer.SIZE != 0) {
      throw damaged(name, "its device number is out of range: " + number);
    }
    return (int) number;
  }

  private static String first(String... names) {
    for (String name : names) {
      if (name != null && !name.isEmpty()) {
        return name;
      }
    }
    return "";
  }

  /**
   * Refuses data that the archive is too short for, and data of an entry that one of its names
   * makes a directory: programs do not agree on which name counts, and some take the data of a
   * directory for further headers.
   */
  private void checkData(String name) throws ImageException {
    if (dataSize > size - position) {
      throw damaged(
          name, "it has " + dataSize + " bytes, but the archive ends before that: it is truncated");
    }
    if (dataSize > 0 && (name.endsWith("/") || directory != null)) {
      throw directoryWithData(name.endsWith("/") ? name : directory);
    }
  }

  private static ImageException directoryWithData(String name) {
    return damaged("the directory " + Messages.quote(name) + " has data");
  }

  /**
   * Returns the data of the current entry as the archive holds it, without the holes of a sparse
   * file.
   */
  public InputStream data() {
    return data;
  }

  /**
   * Returns how many bytes of the archive have been read. After {@link #next} this is the offset of
   * the entry's data.
   */
  public long position() {
    return position + dataSize - data.left();
  }

  /** Returns true when a header was found, so that this is a tar archive. */
  public boolean isTar() {
    return isTar;
  }
}
