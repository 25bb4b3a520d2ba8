package dev.lamina.union;

import dev.lamina.sys.ErrnoException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Snapshots of directories that are read without having been opened. Nothing says when a reader has
 * done, so the latest few are kept, whole directories being read at a time; a reader whose snapshot
 * has gone goes on in a new one, by its cookie.
 */
final class RecentSnapshots {
  private static final int MAX_DIRECTORIES = 16;

  /** Entries kept in all; one directory may have more, while it is the only one. */
  private static final int MAX_ENTRIES = 1 << 15;

  private final SharedSnapshots.Source source;
  private final Map<Inode, DirectorySnapshot> kept = new LinkedHashMap<>(32, 0.75f, true);
  private int entries;

  RecentSnapshots(SharedSnapshots.Source source) {
    this.source = source;
  }

  /**
   * A directory's entries.
   *
   * @param fresh as they are now; otherwise as they were at some time since the reader began, which
   *     is all that readdir(3) promises
   */
  DirectorySnapshot get(Inode directory, boolean fresh) throws ErrnoException {
    DirectorySnapshot known;
    synchronized (this) {
      known = kept.get(directory);
    }
    if (known != null && (!fresh || known.version() == directory.version)) {
      return known;
    }
    DirectorySnapshot made = source.list(directory, known);
    keep(directory, made);
    return made;
  }

  private synchronized void keep(Inode directory, DirectorySnapshot made) {
    DirectorySnapshot old = kept.get(directory);
    if (old != null && old.version() - made.version() > 0) {
      // Another reader has listed it since.
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
