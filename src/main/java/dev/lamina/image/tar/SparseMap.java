package dev.lamina.image.tar;

import dev.lamina.image.ImageException;
import dev.lamina.image.Messages;
import java.io.IOException;
import java.util.Arrays;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * The map of a sparse file. An archive has the parts of the file that hold data, one after another,
 * and a map of their offsets and lengths (GNU tar manual, "Storing Sparse Files").
 */
public final class SparseMap {
  private static final String SPARSE_SIZE = "GNU.sparse.size";
  private static final String SPARSE_REAL_SIZE = "GNU.sparse.realsize";
  private static final String SPARSE_MAJOR = "GNU.sparse.major";
  private static final String SPARSE_MINOR = "GNU.sparse.minor";

  /** The limit on parts; files that are meant to be used have fewer. */
  static final int MAX_PARTS = 100_000;

  /** The offset of the map in a header of the old format; {@link #OLD_PARTS} parts fit there. */
  private static final int OLD_MAP = 386;

  private static final int OLD_PARTS = 4;
  private static final int OLD_IS_EXTENDED = 482;

  /** The number of parts in each of the blocks that follow the header. */
  private static final int EXTENSION_PARTS = 21;

  private static final int EXTENSION_IS_EXTENDED = 504;

  /** The length of a number in the header and these blocks. */
  private static final int NUMBER = TarConstants.SIZELEN;

  /** The limit on digits of a number in the format 1.0. */
  private static final int MAX_DIGITS = 19;

  private final String name;
  private final long size;
  private long[] numbers = new long[8];
  private int count;

  private SparseMap(String name, long size) {
    this.name = name;
    this.size = size;
  }

  /**
   * Reads the map of the old format, in the header and in the blocks that follow it.
   *
   * @param name of the file, for messages
   */
  static SparseMap ofOldFormat(TarHeader header, String name, TarReader reader) throws IOException {
    if (!header.isGnu()) {
      throw unknownFormat(name);
    }
    SparseMap map = new SparseMap(name, header.realSize());
    map.addOldParts(header, OLD_MAP, OLD_PARTS);
    TarHeader extension = new TarHeader();
    boolean isExtended = header.bytes[OLD_IS_EXTENDED] != 0;
    for (long blocks = 1; isExtended; blocks++) {
      map.checkParts(blocks * EXTENSION_PARTS);
      reader.readBlock(extension);
      map.addOldParts(extension, 0, EXTENSION_PARTS);
      isExtended = extension.bytes[EXTENSION_IS_EXTENDED] != 0;
    }
    return map;
  }

  /** Adds the parts of one block, up to the first one without a length. */
  private void addOldParts(TarHeader block, int from, int most) throws ImageException {
    int end = from + most * 2 * NUMBER;
    for (int at = from; at < end && block.bytes[at + NUMBER] != 0; at += 2 * NUMBER) {
      addOld(block.number(at, NUMBER));
      addOld(block.number(at + NUMBER, NUMBER));
    }
  }

  private void addOld(long number) throws ImageException {
    if (number < 0) {
      throw damaged("an offset or a length is not a number");
    }
    add(number);
  }

  /**
   * Reads the map of the formats 0.0 and 0.1, which is in pax records, or of the format 1.0, which
   * is before the data.
   *
   * @return null when the records are not those of a sparse file
   */
  static SparseMap ofRecords(PaxRecords pax, String name, BoundedInput data) throws IOException {
    long size = pax.size(SPARSE_REAL_SIZE, pax.size(SPARSE_SIZE, -1, name), name);
    if (size < 0) {
      return null;
    }
    SparseMap map = new SparseMap(name, size);
    long major = pax.size(SPARSE_MAJOR, 0, name);
    if (major == 1 && pax.size(SPARSE_MINOR, -1, name) == 0) {
      map.addMapBeforeData(data);
    } else if (major == 0) {
      String numbers = pax.text(PaxRecords.SPARSE_MAP);
      for (int at = 0; numbers != null && at <= numbers.length(); ) {
        int comma = numbers.indexOf(',', at);
        int end = comma < 0 ? numbers.length() : comma;
        map.add(PaxRecords.size(numbers.substring(at, end), PaxRecords.SPARSE_MAP, name));
        at = end + 1;
      }
    } else {
      throw unknownFormat(name);
    }
    return map;
  }

  /**
   * Reads a map that is before the data: the number of parts, then their offsets and lengths. Each
   * number is followed by a newline, and the map is padded to whole blocks.
   */
  private void addMapBeforeData(BoundedInput data) throws IOException {
    byte[] block = new byte[TarHeader.BLOCK];
    StringBuilder digits = new StringBuilder();
    long wanted = 1;
    boolean hasCount = false;
    while (wanted > 0) {
      if (data.left() < block.length) {
        throw damaged("it is longer than the data");
      }
      data.readNBytes(block, 0, block.length);
      for (int at = 0; at < block.length && wanted > 0; at++) {
        if (block[at] != '\n' && digits.length() <= MAX_DIGITS) {
          digits.append((char) (block[at] & 0xff));
          continue;
        }
        long number = PaxRecords.size(digits.toString(), PaxRecords.SPARSE_MAP, name);
        digits.setLength(0);
        wanted--;
        if (hasCount) {
          add(number);
        } else {
          checkParts(number);
          hasCount = true;
          wanted = 2 * number;
        }
      }
    }
  }

  private void add(long number) throws ImageException {
    checkParts(count / 2 + 1);
    if (count == numbers.length) {
      numbers = Arrays.copyOf(numbers, 2 * count);
    }
    numbers[count++] = number;
  }

  /**
   * Refuses a map whose parts are not in the file in order, or do not add up to the data in the
   * archive.
   *
   * @param data the size of the data in the archive, in bytes
   */
  void check(long data) throws ImageException {
    if (count % 2 != 0) {
      throw damaged("a part has no length");
    }
    long end = 0;
    long sum = 0;
    for (int part = 0; part < parts(); part++) {
      if (offset(part) < end || length(part) > size - offset(part)) {
        throw damaged("its parts are not in the file, in order");
      }
      end = offset(part) + length(part);
      sum += length(part);
    }
    if (sum != data) {
      throw damaged("its parts have " + sum + " bytes, and the archive has " + data);
    }
  }

  private void checkParts(long parts) throws ImageException {
    if (parts > MAX_PARTS) {
      throw damaged("it has " + parts + " parts, which is more than " + MAX_PARTS);
    }
  }

  static ImageException unknownFormat(String name) {
    return new ImageException(
        "the sparse file " + Messages.quote(name) + " is stored in an unknown format");
  }

  private ImageException damaged(String what) {
    return TarReader.damaged(name, "its sparse map is wrong: " + what);
  }

  /** Returns the size of the file, holes included, in bytes. */
  public long size() {
    return size;
  }

  public int parts() {
    return count / 2;
  }

  /** Returns the offset of a part in the file. */
  public long offset(int part) {
    return numbers[2 * part];
  }

  public long length(int part) {
    return numbers[2 * part + 1];
  }
}
