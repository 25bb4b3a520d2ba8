package dev.lamina.image.tar;

import java.time.Instant;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * An entry of an archive, as its header and the extended headers before it describe it. Names and
 * values are bytes, each held as one character.
 *
 * @param type as in the header (POSIX.1-2017, pax, "ustar Interchange Format", typeflag)
 * @param linkName the target of a hard or symbolic link
 * @param mode as in the header, possibly with other bits than permissions
 * @param accessed null when the archive does not have it
 * @param size of the file in bytes, holes included; for types without data, the size in the header
 * @param sparse null for a file that is not sparse
 * @param attributes the pax records whose keys begin with {@code SCHILY.}: extended attributes and
 *     access control lists
 */
public record TarEntry(
    String name,
    byte type,
    String linkName,
    int mode,
    long uid,
    long gid,
    Instant modified,
    Instant accessed,
    int major,
    int minor,
    long size,
    SparseMap sparse,
    Map<String, String> attributes) {
  /** The prefix of pax records that are extended attributes. */
  public static final String XATTR = "SCHILY.xattr.";

  /**
   * Returns whether data follows the header of an entry of a type, which is assumed of unknown
   * types.
   */
  static boolean hasData(byte type) {
    return switch (type) {
      case TarConstants.LF_LINK,
          TarConstants.LF_SYMLINK,
          TarConstants.LF_CHR,
          TarConstants.LF_BLK,
          TarConstants.LF_DIR,
          TarConstants.LF_FIFO ->
          false;
      default -> true;
    };
  }

  /** Returns true for an entry that is not a directory, a link, a device or a FIFO. */
  public boolean hasData() {
    return hasData(type) && !name.endsWith("/");
  }

  /** Returns true for a regular file, and false for an entry of an unknown type. */
  public boolean isRegular() {
    return isFileType() && !name.endsWith("/");
  }

  /**
   * Returns true for a directory. In the oldest format this is a file whose name ends in a slash.
   */
  public boolean isDirectory() {
    return type == TarConstants.LF_DIR || isFileType() && name.endsWith("/");
  }

  private boolean isFileType() {
    return type == TarConstants.LF_OLDNORM
        || type == TarConstants.LF_NORMAL
        || type == TarConstants.LF_CONTIG
        || type == TarConstants.LF_GNUTYPE_SPARSE;
  }

  public boolean isHardLink() {
    return type == TarConstants.LF_LINK;
  }

  public boolean isSymlink() {
    return type == TarConstants.LF_SYMLINK;
  }

  public boolean isCharacterDevice() {
    return type == TarConstants.LF_CHR;
  }

  public boolean isBlockDevice() {
    return type == TarConstants.LF_BLK;
  }

  public boolean isFifo() {
    return type == TarConstants.LF_FIFO;
  }
}
