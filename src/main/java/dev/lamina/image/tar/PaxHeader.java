package dev.lamina.image.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;

/**
 * The records of a pax extended header that is to be written (POSIX.1-2017, pax, "pax Extended
 * Header"), each {@code LENGTH KEY=VALUE} and a newline, where the length counts the whole record.
 *
 * <p>Values are bytes. POSIX requires names in UTF-8, unless a record {@code hdrcharset=BINARY}
 * says otherwise; but GNU tar, libarchive and the Go library that docker, podman and umoci use all
 * take the bytes of a record as they are, and some of them fail on that record.
 */
final class PaxHeader {
  private static final int NANOS = 1_000_000_000;
  private static final int NANO_DIGITS = 9;

  private final ByteArrayOutputStream records = new ByteArrayOutputStream();

  boolean isEmpty() {
    return records.size() == 0;
  }

  byte[] bytes() {
    return records.toByteArray();
  }

  void add(String key, byte[] value) {
    add(key.getBytes(ISO_8859_1), value);
  }

  void add(byte[] key, byte[] value) {
    // A space, an equals sign and a newline.
    int rest = key.length + value.length + 3;
    int length = rest + digits(rest);
    // Its own digits may make the length one digit longer.
    length = rest + digits(length);
    records.writeBytes(Integer.toString(length).getBytes(ISO_8859_1));
    records.write(' ');
    records.writeBytes(key);
    records.write('=');
    records.writeBytes(value);
    records.write('\n');
  }

  void add(String key, long value) {
    add(key, Long.toString(value).getBytes(ISO_8859_1));
  }

  /**
   * Adds a time, as a decimal number of seconds.
   *
   * @param nanos nanoseconds after {@code seconds}, never negative, as in {@code struct timespec}
   */
  void addTime(String key, long seconds, int nanos) {
    boolean isNegativeFraction = seconds < 0 && nanos > 0;
    long whole = isNegativeFraction ? seconds + 1 : seconds;
    int part = isNegativeFraction ? NANOS - nanos : nanos;
    StringBuilder text = new StringBuilder();
    if (isNegativeFraction && whole == 0) {
      text.append('-');
    }
    text.append(whole);
    if (part > 0) {
      String digits = Integer.toString(part);
      text.append('.').append("0".repeat(NANO_DIGITS - digits.length())).append(digits);
      while (text.charAt(text.length() - 1) == '0') {
        text.setLength(text.length() - 1);
      }
    }
    add(key, text.toString().getBytes(ISO_8859_1));
  }

  private static int digits(int number) {
    return Integer.toString(number).length();
  }
}
