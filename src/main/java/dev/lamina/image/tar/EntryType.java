package dev.lamina.image.tar;

import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** What an archive's entry is; to commons-compress, everything it does not know is a file. */
public final class EntryType {
  private EntryType() {}

  public static boolean isRegular(TarArchiveEntry entry) {
    return isData(entry) && !entry.getName().endsWith("/");
  }

  /** Before there was a type for directories, they were files whose name ends in a slash. */
  public static boolean isDirectory(TarArchiveEntry entry) {
    return entry.getLinkFlag() == TarConstants.LF_DIR
        || isData(entry) && entry.getName().endsWith("/");
  }

  private static boolean isData(TarArchiveEntry entry) {
    return switch (entry.getLinkFlag()) {
      case TarConstants.LF_OLDNORM, TarConstants.LF_NORMAL, TarConstants.LF_CONTIG -> true;
      default -> false;
    };
  }
}
