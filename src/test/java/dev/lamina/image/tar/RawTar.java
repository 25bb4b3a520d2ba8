package dev.lamina.image.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Builds archives byte by byte, also malformed ones. Each character of a name is one byte; names
 * that are too long for a header are written as pax records.
 */
public final class RawTar {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Map<String, String> records = new LinkedHashMap<>();
  private int mode = 0644;
  private long uid;
  private long gid;
  private long mtime = 1_500_000_000;

  /** Sets the mode of the entries that follow. */
  public RawTar mode(int newMode) {
    mode = newMode;
    return this;
  }

  public RawTar owner(long newUid, long newGid) {
    uid = newUid;
    gid = newGid;
    return this;
  }

  public RawTar time(long seconds) {
    mtime = seconds;
    return this;
  }

  /** Adds a pax record to the next entry. */
  public RawTar pax(String key, String value) {
    records.put(key, value);
    return this;
  }

  public RawTar xattr(String name, String value) {
    return pax("SCHILY.xattr." + name, value);
  }

  public RawTar directory(String name) {
    return entry(name, '5', "", 0, new byte[0]);
  }

  public RawTar file(String name, String contents) {
    byte[] bytes = contents.getBytes(ISO_8859_1);
    return entry(name, '0', "", bytes.length, bytes);
  }

  public RawTar symlink(String name, String target) {
    return entry(name, '2', target, 0, new byte[0]);
  }

  public RawTar link(String name, String target) {
    return entry(name, '1', target, 0, new byte[0]);
  }

  public RawTar device(String name, char type, int major, int minor) {
    flushRecords(name, "");
    byte[] header = header(cut(name), type, "", 0);
    octal(header, 329, 8, major);
    octal(header, 337, 8, minor);
    return sealed(header);
  }

  /**
   * Adds an entry of any type.
   *
   * @param size the size in the header, which need not be that of the contents
   */
  public RawTar entry(String name, char type, String target, long size, byte[] contents) {
    flushRecords(name, target);
    return bare(cut(name), type, cut(target), size, contents);
  }

  /**
   * Adds a sparse file in GNU tar's old format.
   *
   * @param map the offset and the length of each part
   */
  public RawTar oldSparse(String name, long size, String contents, long... map) {
    byte[] data = contents.getBytes(ISO_8859_1);
    byte[] header = header(name, 'S', "", data.length);
    put(header, 257, "ustar  \0");
    int inHeader = Math.min(map.length, 8);
    putMap(header, 386, map, 0, inHeader);
    header[482] = (byte) (map.length > inHeader ? 1 : 0);
    number(header, 483, 12, size);
    sealed(header);
    for (int from = inHeader; from < map.length; from += 42) {
      byte[] block = new byte[512];
      int to = Math.min(map.length, from + 42);
      putMap(block, 0, map, from, to);
      block[504] = (byte) (map.length > to ? 1 : 0);
      raw(block);
    }
    return raw(data).raw(new byte[-data.length & 511]);
  }

  private static void putMap(byte[] block, int at, long[] map, int from, int to) {
    for (int i = from; i < to; i++) {
      number(block, at + 12 * (i - from), 12, map[i]);
    }
  }

  /** Adds an entry of one header, which may be an extended header. */
  public RawTar bare(String name, char type, String target, long size, byte[] contents) {
    sealed(header(name, type, target, size));
    return raw(contents).raw(new byte[-contents.length & 511]);
  }

  /** Adds a file whose header has a prefix and an empty name. */
  public RawTar prefixed(String prefix, long size, byte[] contents) {
    byte[] header = header("", '0', "", size);
    put(header, 345, prefix);
    return sealed(header).raw(contents).raw(new byte[-contents.length & 511]);
  }

  /** Adds bytes as they are. */
  public RawTar raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  public RawTar end() {
    return raw(new byte[1024]);
  }

  public byte[] bytes() {
    return out.toByteArray();
  }

  public InputStream stream() {
    return new ByteArrayInputStream(bytes());
  }

  public static String record(String key, String value) {
    int length = key.length() + value.length() + 3;
    int digits = 1;
    while (Integer.toString(length + digits).length() > digits) {
      digits++;
    }
    return (length + digits) + " " + key + "=" + value + "\n";
  }

  private static String cut(String name) {
    return name.length() > 100 ? name.substring(0, 100) : name;
  }

  private void flushRecords(String name, String target) {
    if (name.length() > 100) {
      records.put("path", name);
    }
    if (target.length() > 100) {
      records.put("linkpath", target);
    }
    if (!records.isEmpty()) {
      StringBuilder all = new StringBuilder();
      records.forEach((key, value) -> all.append(record(key, value)));
      records.clear();
      byte[] bytes = all.toString().getBytes(ISO_8859_1);
      bare("PaxHeader", 'x', "", bytes.length, bytes);
    }
  }

  private byte[] header(String name, char type, String target, long size) {
    byte[] header = new byte[512];
    put(header, 0, name);
    octal(header, 100, 8, mode);
    number(header, 108, 8, uid);
    number(header, 116, 8, gid);
    number(header, 124, 12, size);
    number(header, 136, 12, mtime);
    header[156] = (byte) type;
    put(header, 157, target);
    put(header, 257, "ustar");
    put(header, 263, "00");
    return header;
  }

  private RawTar sealed(byte[] header) {
    Arrays.fill(header, 148, 156, (byte) ' ');
    long sum = 0;
    for (byte value : header) {
      sum += value & 0xff;
    }
    put(header, 148, String.format("%06o\0 ", sum));
    return raw(header);
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(ISO_8859_1);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  private static void octal(byte[] header, int at, int length, long value) {
    put(header, at, String.format("%0" + (length - 1) + "o", value));
  }

  /** Writes a number in octal digits or, when it has too many, in GNU tar's base 256. */
  private static void number(byte[] header, int at, int length, long value) {
    if (value >= 0 && value < 1L << 3 * (length - 1)) {
      octal(header, at, length, value);
      return;
    }
    for (int i = 0; i < length; i++) {
      int shift = 8 * (length - 1 - i);
      header[at + i] = (byte) (shift > 63 ? value >> 63 : value >> shift);
    }
    header[at] |= (byte) 0x80;
  }
}
