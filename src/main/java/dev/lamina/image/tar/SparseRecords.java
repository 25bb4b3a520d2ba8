package dev.lamina.image.tar;

import dev.lamina.image.ImageException;
import java.io.IOException;
import java.util.Arrays;

/**
 * What the PAX records before an entry tell of a sparse file, in the three forms of GNU tar (its
 * manual, "Storing Sparse Files"): 0.0 has a record for each number of the map, 0.1 one for all,
 * and in 1.0 the map is in front of the data.
 */
final class SparseRecords {
  /** What the next 512 bytes of the archive are read from; fewer at its end. */
  interface Blocks {
    byte[] next() throws IOException;
  }

  static final String PREFIX = "GNU.sparse.";

  private static final int LONGEST_NUMBER = 19;

  private long[] numbers = new long[16];
  private int count;

  /** The whole map was in one record. */
  private boolean hasMap;

  private long size = -1;
  private String name;
  private String major = "0";
  private String minor = "";

  /**
   * Takes a record.
   *
   * @param key with the prefix
   * @param value each byte as a character
   */
  void add(String key, String value) throws ImageException {
    switch (key.substring(PREFIX.length())) {
      case "size", "realsize" -> size = PaxBytes.decimal(value);
      case "name" -> name = value;
      case "major" -> major = value;
      case "minor" -> minor = value;
      case "offset", "numbytes" -> {
        checkOnly(!hasMap);
        addNumber(PaxBytes.decimal(value));
      }
      case "map" -> {
        checkOnly(!hasMap && count == 0);
        hasMap = true;
        for (String number : value.isEmpty() ? new String[0] : value.split(",", -1)) {
          addNumber(PaxBytes.decimal(number));
        }
      }
      default -> {
        // How many parts there are, which shows.
      }
    }
  }

  /**
   * Refuses star's form of a sparse file (star(1), "SCHILY.filetype"), of which commons-compress
   * (1.28) takes the data behind what it believes to be the size for headers.
   */
  static void checkOther(String key, String value) throws ImageException {
    if (key.equals("SCHILY.filetype") && value.equals("sparse")) {
      throw SparseMap.unknownForm();
    }
  }

  private static void checkOnly(boolean isOnly) throws ImageException {
    if (!isOnly) {
      throw SparseMap.damaged("it is there twice");
    }
  }

  private void addNumber(long number) throws ImageException {
    SparseMap.checkParts(count / 2 + 1);
    if (count == numbers.length) {
      numbers = Arrays.copyOf(numbers, 2 * count);
    }
    numbers[count++] = number;
  }

  /** True when the entry is a sparse file, if it is a file. */
  boolean areThere() {
    return size >= 0;
  }

  /** The file's name, where the header has another one, for programs that know no sparse files. */
  String name() {
    return name;
  }

  /**
   * Reads the map that is in front of the data, if it is there.
   *
   * @return the bytes that it took, whole blocks
   */
  long readMap(Blocks data) throws IOException {
    if (major.equals("0")) {
      return 0;
    }
    if (!major.equals("1") || !minor.equals("0")) {
      throw SparseMap.unknownForm();
    }
    Numbers map = new Numbers(data);
    long parts = map.number();
    SparseMap.checkParts(parts);
    count = 0;
    for (long i = 0; i < 2 * parts; i++) {
      addNumber(map.number());
    }
    return map.read;
  }

  /**
   * The map.
   *
   * @param data bytes of all parts together, as the archive has them
   */
  SparseMap map(long data) throws ImageException {
    return SparseMap.of(size, numbers, count, data);
  }

  /** Numbers, each with a newline behind it. */
  private static final class Numbers {
    private final Blocks blocks;
    private byte[] bytes = {};
    private int at;
    private long read;

    Numbers(Blocks blocks) {
      this.blocks = blocks;
    }

    long number() throws IOException {
      StringBuilder digits = new StringBuilder();
      while (digits.length() <= LONGEST_NUMBER) {
        if (at == bytes.length) {
          bytes = blocks.next();
          read += bytes.length;
          at = 0;
          if (bytes.length < PaxBytes.RECORD) {
            throw SparseMap.damaged("it has no end");
          }
        }
        byte next = bytes[at++];
        if (next == '\n') {
          break;
        }
        digits.append((char) (next & 0xff));
      }
      return PaxBytes.decimal(digits.toString());
    }
  }
}
