package dev.lamina.image.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.ImageException;
import dev.lamina.image.Words;
import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Reads a tar archive, which is not trusted, entry by entry: ustar and pax (POSIX.1-2017, pax), V7,
 * star's and GNU tar's formats, with long names and sparse files.
 *
 * <p>Names and values are bytes, each held as one character, since tools write a file's name as it
 * is, whatever POSIX says of UTF-8.
 *
 * <p>Where programs differ, this class does what Go's {@code archive/tar} does, with which docker,
 * podman and skopeo read archives: of several names a sparse file's counts, then GNU tar's, then
 * that of the pax header; the last pax header before an entry counts; only files have data,
 * whatever the header of a link says; a lone block of zeros ends an archive only where nothing
 * follows it; the blocks of zeros may be missing, and so may what fills the last block of data
 * (umoci 0.4.7, {@code umoci insert}, writes neither). Only global headers count for all entries
 * behind them, as in POSIX and GNU tar.
 */
public final class TarReader {
  /** The size of an archive that is not known. */
  public static final long UNKNOWN = Long.MAX_VALUE;

  public static final int BLOCK = TarHeader.BLOCK;

  /** The largest extended header, in bytes; Go's archive/tar has the same limit. */
  static final int LARGEST_HEADER = 1 << 20;

  /** Extended headers before one entry; any tool writes three at most. */
  static final int MOST_HEADERS = 8;

  /** Bytes of all global headers together, which are kept in memory. */
  static final int MOST_GLOBAL = 64 << 10;

  private static final String STAR_SPARSE = "sparse";

  private final InputStream in;
  private final long size;
  private final TarHeader header = new TarHeader();
  private final PaxRecords global = new PaxRecords(null);
  private int globalBytes;
  private boolean isTar;

  /** Bytes that were read before the data of the current entry. */
  private long position;

  private long dataSize;
  private BoundedInput data = new BoundedInput(InputStream.nullInputStream(), 0, "");

  /** The last name for the next entry in an extended header that ends in a slash. */
  private String directory;

  /**
   * @param in not compressed, at the beginning of the archive; it stays the caller's
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
    return damaged(Words.quote(entry) + ": " + what);
  }

  /**
   * Reads up to the data of the next entry; what is left of the last one's is skipped.
   *
   * @return null at the end of the archive; then this must not be called again
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
          if (globalBytes > MOST_GLOBAL) {
            throw damaged("there are more than " + MOST_GLOBAL + " bytes of global headers");
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
      if (headers == MOST_HEADERS) {
        throw damaged("more than " + MOST_HEADERS + " extended headers are before one entry");
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

  /** Reads the next header; false at the end of the archive. */
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
    if (length > LARGEST_HEADER) {
      throw damaged(
          "an extended header has " + length + " bytes, which is more than " + LARGEST_HEADER);
    }
    dataSize = length;
    data = new BoundedInput(in, length, "an extended header of the archive");
    byte[] bytes = data.readNBytes((int) length);
    skipData();
    return bytes;
  }

  /** Reads a name in a header of GNU tar's, behind which there may be NULs. */
  private String readLongName() throws IOException {
    if (header.size() > 0 && header.name().endsWith("/")) {
      // Some readers take this header for a directory, and what follows for the next one.
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
      throw damaged(name, "it is a directory or a link, and its extended header gives it data");
    }
    SparseMap sparse = null;
    if (type == TarConstants.LF_GNUTYPE_SPARSE) {
      sparse = SparseMap.ofOldFormat(header, name, this);
    }
    checkData(name);
    data = new BoundedInput(in, dataSize, Words.quote(name));
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
        isDevice ? (int) pax.size("SCHILY.devmajor", header.major(), name) : 0,
        isDevice ? (int) pax.size("SCHILY.devminor", header.minor(), name) : 0,
        sparse != null ? sparse.size() : TarEntry.hasData(type) ? dataSize : header.size(),
        sparse,
        pax.attributes());
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
   * Refuses data that cannot be there, and data of an entry that one of its names makes a
   * directory: programs do not agree on which name counts, and some take a directory's data for the
   * headers that follow.
   */
  private void checkData(String name) throws ImageException {
    if (dataSize > size - position) {
      throw damaged(
          name, "it has " + dataSize + " bytes, before which the archive ends; is it truncated?");
    }
    if (dataSize > 0 && (name.endsWith("/") || directory != null)) {
      throw directoryWithData(name.endsWith("/") ? name : directory);
    }
  }

  private static ImageException directoryWithData(String name) {
    return damaged("the directory " + Words.quote(name) + " has data");
  }

  /** The data of the current entry: what the archive holds, without the holes of a sparse file. */
  public InputStream data() {
    return data;
  }

  /** How many bytes of the archive were read; at first, where the current entry's data begin. */
  public long position() {
    return position + dataSize - data.left();
  }

  /** True once there was a header. */
  public boolean isTar() {
    return isTar;
  }
}
