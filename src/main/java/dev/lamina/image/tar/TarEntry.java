package dev.lamina.image.tar;

import java.time.Instant;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * What an archive says of one of its entries, in the header and in the extended headers before it.
 * Names and values are bytes, each held as one character.
 *
 * @param type as in the header (POSIX.1-2017, pax, "ustar Interchange Format", typeflag)
 * @param linkName of what a hard or symbolic link leads to
 * @param mode as in the header, which may have other bits than permissions
 * @param accessed null where the archive does not tell
 * @param size of the file, holes included, in bytes; of what has no data, whatever the header says
 * @param sparse where the data belong in the file; null for a file that is not sparse
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
  /** The prefix of pax records that are extended attributes; every tool writes this one. */
  public static final String XATTR = "SCHILY.xattr.";

  /** Whether data follow the header of such an entry, which they do where the type is not known. */
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

  public boolean hasData() {
    return hasData(type) && !name.endsWith("/");
  }

  /** True for a file, in all formats, and not for an entry of an unknown type. */
  public boolean isRegular() {
    return isFileType() && !name.endsWith("/");
  }

  /** Before there was a type for directories, they were files whose name ends in a slash. */
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
