package dev.lamina.image.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.ImageException;
import java.util.Arrays;

/**
 * Where the data of a sparse file lie in it: an archive has them one part after another, without
 * what is between them (GNU tar manual, "Storing Sparse Files").
 */
public final class SparseMap {
  /** More than any tool writes for files that were meant to be used. */
  static final int MOST_PARTS = 100_000;

  /** What a header of GNU tar's old format has in place of "ustar" and a version. */
  private static final byte[] OLD_GNU = "ustar  \0".getBytes(ISO_8859_1);

  private static final int MAGIC = 257;
  private static final int PARTS = 386;
  private static final int PARTS_IN_HEADER = 4;
  private static final int PARTS_IN_BLOCK = 21;
  private static final int NUMBER = 12;
  private static final int REAL_SIZE = 483;

  private final long size;
  private final long[] offsets;
  private final long[] lengths;

  private SparseMap(long size, long[] numbers, int count) {
    this.size = size;
    offsets = new long[count / 2];
    lengths = new long[count / 2];
    for (int i = 0; i < count / 2; i++) {
      offsets[i] = numbers[2 * i];
      lengths[i] = numbers[2 * i + 1];
    }
  }

  /**
   * A map.
   *
   * @param size of the file, holes included, in bytes
   * @param numbers the offset and the length of each part, which must be in order
   * @param count how many of the numbers count
   * @param data bytes of all parts together, as the archive has them
   */
  static SparseMap of(long size, long[] numbers, int count, long data) throws ImageException {
    if (count % 2 != 0) {
      throw damaged("a part has no length");
    }
    checkParts(count / 2);
    long end = 0;
    long sum = 0;
    for (int i = 0; i < count; i += 2) {
      long offset = numbers[i];
      long length = numbers[i + 1];
      if (offset < end || length < 0 || length > size - offset) {
        throw damaged("its parts are not in it, one after another");
      }
      end = offset + length;
      sum += length;
    }
    if (sum != data) {
      throw damaged("its parts have " + sum + " bytes, and " + data + " are there");
    }
    return new SparseMap(size, numbers, count);
  }

  /**
   * Of a header of GNU tar's old format.
   *
   * @param header with the blocks that go on with it
   */
  static SparseMap ofOldGnu(byte[] header, long data) throws ImageException {
    int magicEnd = MAGIC + OLD_GNU.length;
    if (!Arrays.equals(header, MAGIC, magicEnd, OLD_GNU, 0, OLD_GNU.length)) {
      throw unknownForm();
    }
    long[] numbers = new long[header.length / NUMBER];
    int count = 0;
    for (int block = 0; block < header.length; block += PaxBytes.RECORD) {
      int at = block == 0 ? PARTS : block;
      int parts = block == 0 ? PARTS_IN_HEADER : PARTS_IN_BLOCK;
      // The first part without a length is the end.
      for (int i = 0; i < parts && header[at + NUMBER] != 0; i++, at += 2 * NUMBER) {
        numbers[count++] = PaxBytes.number(header, at, NUMBER);
        numbers[count++] = PaxBytes.number(header, at + NUMBER, NUMBER);
      }
    }
    return of(PaxBytes.number(header, REAL_SIZE, NUMBER), numbers, count, data);
  }

  /** Takes out of a header of GNU tar's old format what only sparse files have there. */
  static void clear(byte[] header) {
    Arrays.fill(header, PARTS, REAL_SIZE + NUMBER, (byte) 0);
  }

  static void checkParts(long parts) throws ImageException {
    if (parts > MOST_PARTS) {
      throw new ImageException("a sparse file of " + parts + " parts; the most is " + MOST_PARTS);
    }
  }

  static ImageException unknownForm() {
    return new ImageException("a sparse file in a form that is not known");
  }

  static ImageException damaged(String what) {
    return new ImageException("the archive is damaged: the map of a sparse file is wrong, " + what);
  }

  /** Of the file, in bytes. */
  public long size() {
    return size;
  }

  public int parts() {
    return offsets.length;
  }

  /** Where a part begins in the file. */
  public long offset(int part) {
    return offsets[part];
  }

  public long length(int part) {
    return lengths[part];
  }
}
