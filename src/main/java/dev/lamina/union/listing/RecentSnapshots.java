package dev.lamina.union.listing;

import dev.lamina.sys.ErrnoException;
import dev.lamina.union.inode.Inode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Snapshots of directories that are read without having been opened. Nothing tells when a reader
 * has finished, so the most recent snapshots are kept: usually a directory is read to its end at
 * once. A reader whose snapshot is gone continues in a new one by its cookie.
 */
final class RecentSnapshots {
  private static final int MAX_DIRECTORIES = 16;

  /** The most entries that are kept; a single directory may have more if it is the only one. */
  private static final int MAX_ENTRIES = 1 << 15;

  private final SharedSnapshots.Source source;
  private final Map<Inode, DirectorySnapshot> kept = new LinkedHashMap<>(32, 0.75f, true);
  private int entries;

  RecentSnapshots(SharedSnapshots.Source source) {
    this.source = source;
  }

  /**
   * Returns a directory's entries.
   *
   * @param fresh whether they must be those of now; otherwise they may be those of any time since
   *     the reader began, which is all that readdir(3) promises
   */
  DirectorySnapshot get(Inode directory, boolean fresh) throws ErrnoException {
    DirectorySnapshot known;
    synchronized (this) {
      known = kept.get(directory);
    }
    if (known != null && (!fresh || known.version() == directory.version())) {
      return known;
    }
    DirectorySnapshot made = source.list(directory, known);
    keep(directory, made);
    return made;
  }

  private synchronized void keep(Inode directory, DirectorySnapshot made) {
    DirectorySnapshot old = kept.get(directory);
    if (old != null && old.version() - made.version() > 0) {
      // Another reader has listed the directory since.
      return;
    }
    kept.put(directory, made);
    entries += made.size() - (old == null ? 0 : old.size());
    var oldest = kept.entrySet().iterator();
    while (kept.size() > 1 && (entries > MAX_ENTRIES || kept.size() > MAX_DIRECTORIES)) {
      entries -= oldest.next().getValue().size();
      oldest.remove();
    }
  }
}
