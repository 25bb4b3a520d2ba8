package dev.lamina.image.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.ImageException;

/**
 * The names of one entry of a tar: its header's own, and those that extended headers before it give
 * it.
 *
 * <p>A name that ends in a slash makes a directory of any entry but a PAX header, to
 * commons-compress (1.28), which then takes the entry's data for the headers that follow; to Go's
 * {@code archive/tar} they are data. So none may be there. Which name counts where there are
 * several, programs do not agree on either: not one of them may be a directory's.
 */
final class EntryNames {
  private static final int NAME_LENGTH = 100;
  private static final int PREFIX = 345;
  private static final int PREFIX_LENGTH = 155;

  private boolean isGiven;

  /** The last one that ends in a slash. */
  private String directory;

  /**
   * Takes a name of an extended header. An empty one of a PAX record takes others back, so that the
   * header's own counts (POSIX pax, "pax Extended Header").
   *
   * @param name each byte as a character
   */
  void give(String name) {
    isGiven = !name.isEmpty();
    if (name.endsWith("/")) {
      directory = name;
    }
  }

  /**
   * Takes the data of GNU tar's header for long names.
   *
   * @param size of the name, with NULs that may be at its end
   */
  void giveLong(byte[] data, int size) {
    int length = size;
    while (length > 0 && data[length - 1] == 0) {
      length--;
    }
    give(new String(data, 0, length, ISO_8859_1));
  }

  /** Refuses an entry that has data and may be taken for a directory. */
  void checkData(byte[] header, long data) throws ImageException {
    if (data > 0) {
      if (directory != null) {
        throw damaged(directory);
      }
      if (!isGiven) {
        checkOwn(header, data);
      }
    }
  }

  /** The same, where the header's own name alone counts. */
  static void checkOwn(byte[] header, long data) throws ImageException {
    String name = field(header, 0, NAME_LENGTH);
    if (name.isEmpty() && header[PREFIX] != 0) {
      name = field(header, PREFIX, PREFIX_LENGTH) + "/";
    }
    if (data > 0 && name.endsWith("/")) {
      throw damaged(name);
    }
  }

  private static String field(byte[] header, int from, int longest) {
    int length = 0;
    while (length < longest && header[from + length] != 0) {
      length++;
    }
    return new String(header, from, length, ISO_8859_1);
  }

  private static ImageException damaged(String name) {
    return new ImageException("the archive is damaged: " + TarNames.directoryWithData(name));
  }
}
