package dev.lamina.image.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.ImageException;
import dev.lamina.image.Messages;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The records of a pax extended header (POSIX.1-2017, pax, "pax Extended Header"), which override
 * those of the global headers so far. A value is bytes, each held as one character: POSIX requires
 * UTF-8, but programs write the bytes of a name as they are.
 *
 * <p>An empty value cancels a global record, so that the entry's own header counts. Only the values
 * of extended attributes may be empty, as in GNU tar.
 */
final class PaxRecords {
  static final String SPARSE_NAME = "GNU.sparse.name";
  static final String SPARSE_MAP = "GNU.sparse.map";

  private static final String SPARSE = "GNU.sparse.";

  /** The prefix of the records of extended attributes and access control lists. */
  private static final String ATTRIBUTES = "SCHILY.";

  private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,18}|[0-8][0-9]{18}");
  private static final Pattern TIME = Pattern.compile("(-?[0-9]{1,18})(?:\\.([0-9]*))?");
  private static final String NO_NANOS = "000000000";

  private final PaxRecords global;
  private final Map<String, String> values = new LinkedHashMap<>();

  /** The map of a sparse file that has a record for each number (GNU tar's format 0.0). */
  private final StringBuilder map = new StringBuilder();

  /**
   * @param global null for the global records themselves
   */
  PaxRecords(PaxRecords global) {
    this.global = global;
  }

  /** Adds the records of a header, each of the form {@code LENGTH KEY=VALUE\n}. */
  void add(byte[] records) throws ImageException {
    int start = 0;
    while (start < records.length) {
      int at = start;
      int length = 0;
      while (at < records.length && isDigit(records[at]) && length <= records.length) {
        length = length * 10 + records[at++] - '0';
      }
      int end = start + length;
      boolean isRecord =
          at > start
              && end <= records.length
              && end > at + 1
              && records[at] == ' '
              && records[end - 1] == '\n';
      int equals = at + 1;
      while (isRecord && equals < end && records[equals] != '=') {
        equals++;
      }
      if (!isRecord || equals == end) {
        throw TarReader.damaged("a record of an extended header is malformed");
      }
      String key = new String(records, at + 1, equals - at - 1, ISO_8859_1);
      put(key, new String(records, equals + 1, end - equals - 2, ISO_8859_1));
      start = end;
    }
    if (!map.isEmpty()) {
      values.put(SPARSE_MAP, map.substring(0, map.length() - 1));
    }
  }

  private static boolean isDigit(byte character) {
    return character >= '0' && character <= '9';
  }

  private void put(String key, String value) throws ImageException {
    boolean isSparse = key.startsWith(SPARSE);
    if (global == null && (isSparse || key.equals("size") || key.equals("path"))) {
      throw TarReader.damaged("a global header has a " + key + ", which is of one entry");
    }
    boolean isNumberOfMap = key.equals(SPARSE + "offset") || key.equals(SPARSE + "numbytes");
    boolean isMap = key.equals(SPARSE_MAP);
    if ((isNumberOfMap || isMap) && values.containsKey(SPARSE_MAP) || isMap && !map.isEmpty()) {
      throw TarReader.damaged("a sparse file has more than one map");
    }
    if (isNumberOfMap) {
      map.append(value).append(',');
    } else {
      values.put(key, value);
    }
  }

  /** Returns the value of a record, or null when it is missing or empty. */
  String text(String key) {
    String value = values.get(key);
    if (value == null && global != null) {
      value = global.values.get(key);
    }
    return value == null || value.isEmpty() ? null : value;
  }

  /**
   * Returns the number in a record, or a default value when there is no such record.
   *
   * @param entry the name of the entry, for messages
   */
  long number(String key, long otherwise, String entry) throws ImageException {
    String value = text(key);
    return value == null ? otherwise : number(value, key, entry);
  }

  /** Returns the same for a number of bytes, which is not negative. */
  long size(String key, long otherwise, String entry) throws ImageException {
    String value = text(key);
    return value == null ? otherwise : size(value, key, entry);
  }

  /** Parses a number of bytes, the value of a record or a part of it. */
  static long size(String value, String key, String entry) throws ImageException {
    long size = number(value, key, entry);
    if (size < 0) {
      throw TarReader.damaged(entry, "its " + key + " is negative");
    }
    return size;
  }

  private static long number(String value, String key, String entry) throws ImageException {
    if (!NUMBER.matcher(value).matches()) {
      throw TarReader.damaged(entry, "its " + key + " is not a number: " + Messages.quote(value));
    }
    return Long.parseLong(value);
  }

  /**
   * Returns the time in a record, a decimal number of seconds since 1970.
   *
   * @param otherwise the seconds when there is no such record
   * @param what which time it is, for messages
   */
  Instant time(String key, long otherwise, String what, String entry) throws ImageException {
    String value = text(key);
    try {
      if (value == null) {
        return Instant.ofEpochSecond(otherwise);
      }
      Matcher matcher = TIME.matcher(value);
      if (!matcher.matches()) {
        throw TarReader.damaged(
            entry, "its " + what + " is not a number: " + Messages.quote(value));
      }
      String fraction = matcher.group(2) == null ? "" : matcher.group(2);
      long nanos = Long.parseLong((fraction + NO_NANOS).substring(0, NO_NANOS.length()));
      return Instant.ofEpochSecond(
          Long.parseLong(matcher.group(1)), value.startsWith("-") ? -nanos : nanos);
    } catch (DateTimeException | ArithmeticException e) {
      throw TarReader.damaged(entry, "its " + what + " is out of range");
    }
  }

  /** Returns the records of extended attributes and access control lists. */
  Map<String, String> attributes() {
    Map<String, String> all = global == null ? new LinkedHashMap<>() : global.attributes();
    values.forEach(
        (key, value) -> {
          if (key.startsWith(ATTRIBUTES)) {
            all.put(key, value);
          }
        });
    return all;
  }
}
