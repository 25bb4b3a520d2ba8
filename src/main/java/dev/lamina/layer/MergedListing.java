package dev.lamina.layer;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The names that a merged directory shows: the rules of {@link Merge} for all its names at once.
 * The real directories are read from the top, and the first that has or hides a name decides on it.
 *
 * <p>An entry that has been removed when its attributes are read is left out. Every other error is
 * passed to the caller: the entry might be an object or a whiteout, or have been removed.
 *
 * <p>Names, types and numbers are kept in a few arrays. One thread makes a listing.
 */
public final class MergedListing {
  /** The type of a hidden entry. No object has the type 0. */
  private static final byte HIDDEN = 0;

  private static final int TYPE_SHIFT = 12;

  /**
   * A name and the directory that decides on it.
   *
   * @param source the index of the directory
   * @param isShown false if the directory hides the name
   */
  public record Name(byte[] bytes, int source, boolean isShown) {}

  private final LayerDirectory[] directories;
  private final int count;

  /** Whether the listing ends at the first entry that is shown. */
  private final boolean onlyFirst;

  private NameList names;
  private long[] numbers = new long[32];
  private byte[] types = new byte[32];
  private short[] sources = new short[32];
  private int visible;
  private boolean holdsMore;

  /** Whether names that the last of the directories hides are kept. */
  private final boolean keepsHidden;

  private MergedListing(
      LayerDirectory[] directories, int count, boolean onlyFirst, boolean keepsHidden) {
    this.directories = directories;
    this.count = count;
    this.onlyFirst = onlyFirst;
    this.keepsHidden = keepsHidden;
    names = new NameList(keepsHidden || count > 1);
  }

  /**
   * Lists what users see, in time linear in the number of entries.
   *
   * @param directories the real directories that make up the merged one, topmost first
   */
  public static MergedListing of(LayerDirectory[] directories) throws ErrnoException {
    MergedListing listing = new MergedListing(directories, directories.length, false, false);
    listing.read();
    listing.dropHidden();
    return listing;
  }

  /** Returns the listing of a directory that has been removed. */
  public static MergedListing empty() {
    return new MergedListing(new LayerDirectory[0], 0, false, false);
  }

  /**
   * Returns true if users see nothing in a directory, and its upper part, if any, contains marks
   * only, so that nothing is lost when it is removed with its contents.
   */
  public static boolean isEmpty(LayerDirectory[] directories) throws ErrnoException {
    MergedListing listing = new MergedListing(directories, directories.length, true, false);
    listing.read();
    return listing.visible == 0 && !listing.holdsMore;
  }

  /** Returns true if a real directory, which users see as empty, has any entry. */
  public static boolean holdsMarks(LayerDirectory directory) throws ErrnoException {
    boolean[] found = new boolean[1];
    directory.list(
        (name, length, ino, type) -> {
          found[0] = true;
          return false;
        });
    return found[0];
  }

  /**
   * Returns the names that the first real directories of a merged one show or hide, each once,
   * sorted bytewise, so that a tree can be walked in an order that depends on the names only.
   *
   * @param count the number of directories to list, from the top
   */
  public static List<Name> decided(LayerDirectory[] directories, int count) throws ErrnoException {
    MergedListing listing = new MergedListing(directories, count, false, true);
    listing.read();
    List<Name> sorted = new ArrayList<>(listing.size());
    for (int i = 0; i < listing.size(); i++) {
      boolean isShown = listing.types[i] != HIDDEN;
      sorted.add(new Name(listing.names.name(i), listing.sources[i], isShown));
    }
    sorted.sort(Comparator.comparing(Name::bytes, Arrays::compareUnsigned));
    return sorted;
  }

  public int size() {
    return names.size();
  }

  /** Returns the list itself, in which names have the indexes that the methods here take. */
  public NameList names() {
    return names;
  }

  /** Returns the {@code S_IF} type of an entry. */
  public int type(int index) {
    return types[index] << TYPE_SHIFT;
  }

  /** Returns the index of the directory that shows an entry. */
  public int source(int index) {
    return sources[index];
  }

  /** Returns the inode number of an entry on its layer. */
  public long number(int index) {
    return numbers[index];
  }

  /** Returns a copy of the types; each is an {@code S_IF} type shifted right by 12 bits. */
  public byte[] types() {
    return Arrays.copyOf(types, size());
  }

  /** Returns a copy of the sources. */
  public short[] sources() {
    return Arrays.copyOf(sources, size());
  }

  private void read() throws ErrnoException {
    boolean isOpaque = false;
    for (int i = 0; i < count && !isOpaque && !isDecided(); i++) {
      boolean isLast = i == count - 1;
      isOpaque = readOne(i, keepsHidden || !isLast) && !isLast;
    }
  }

  private boolean isDecided() {
    return onlyFirst && (visible > 0 || holdsMore);
  }

  /**
   * Reads one directory.
   *
   * @param hides whether the directory may hide names of others
   * @return true if the directory turns out to be opaque, which {@link Merge#contributors} could
   *     not find out
   */
  private boolean readOne(int source, boolean hides) throws ErrnoException {
    LayerDirectory directory = directories[source];
    boolean attributeWhiteouts = Opaque.mayHoldXattrWhiteouts(directory);
    Stat stat = new Stat();
    List<byte[]> hidden = new ArrayList<>();
    boolean[] isOpaque = new boolean[1];
    directory.list(
        (name, length, ino, type) -> {
          if (Whiteouts.isReserved(name, length)) {
            isOpaque[0] |= Opaque.isFileName(name, length);
            holdsMore |= onlyFirst && isMore(directory, name, length, type, stat);
            if (hides) {
              // The mark hides names of the layers below, not of its own.
              addHidden(name, length, hidden);
            }
            return !isDecided();
          }
          int shown = type;
          boolean unsure =
              type == 0 || type == Mode.S_IFCHR || attributeWhiteouts && type == Mode.S_IFREG;
          if (unsure) {
            shown = look(directory, Arrays.copyOf(name, length), stat);
          }
          if (shown >= 0 && (shown != HIDDEN || hides)) {
            add(name, length, ino, shown, source);
          }
          return !isDecided();
        });
    for (byte[] name : hidden) {
      add(name, name.length, 0, HIDDEN, source);
    }
    return isOpaque[0] || Opaque.isOpaqueByAttribute(directory);
  }

  /** Returns the type of an entry, or {@link #HIDDEN} for a whiteout; -1 if it has been removed. */
  private static int look(LayerDirectory directory, byte[] name, Stat stat) throws ErrnoException {
    int result = directory.stat(name, stat);
    if (result == -Errno.ENOENT) {
      return -1;
    }
    ErrnoException.check(result);
    return Whiteouts.isWhiteout(directory, name, stat) ? HIDDEN : stat.type();
  }

  /**
   * Returns true for a directory on the upper whose name is reserved for marks: it is not a mark.
   */
  private static boolean isMore(
      LayerDirectory directory, byte[] name, int length, int type, Stat stat)
      throws ErrnoException {
    if (!directory.isUpper()) {
      return false;
    }
    int known = type == 0 ? look(directory, Arrays.copyOf(name, length), stat) : type;
    return known == Mode.S_IFDIR;
  }

  /**
   * Adds the name that a mark hides. Marks of the directory itself, such as the opaque mark, hide
   * no name.
   */
  private static void addHidden(byte[] mark, int length, List<byte[]> hidden) {
    byte[] name = Arrays.copyOfRange(mark, Whiteouts.PREFIX.length, length);
    boolean isDots =
        name.length > 0
            && name[0] == '.'
            && (name.length == 1 || name.length == 2 && name[1] == '.');
    if (name.length > 0 && !isDots && !Whiteouts.isReserved(name)) {
      hidden.add(name);
    }
  }

  /** Adds an entry, unless a directory above has decided on the name. */
  private void add(byte[] name, int length, long ino, int type, int source) {
    if (!names.add(name, 0, length)) {
      return;
    }
    int index = names.size() - 1;
    if (index == types.length) {
      numbers = Arrays.copyOf(numbers, 2 * index);
      types = Arrays.copyOf(types, 2 * index);
      sources = Arrays.copyOf(sources, 2 * index);
    }
    numbers[index] = ino;
    sources[index] = (short) source;
    types[index] = (byte) (type >>> TYPE_SHIFT);
    if (type != HIDDEN) {
      visible++;
    }
  }

  private void dropHidden() {
    int all = names.size();
    if (visible == all) {
      return;
    }
    NameList old = names;
    names = new NameList(false);
    for (int i = 0; i < all; i++) {
      if (types[i] != HIDDEN) {
        int index = names.size();
        types[index] = types[i];
        numbers[index] = numbers[i];
        sources[index] = sources[i];
        names.add(old.bytes(), old.offset(i), old.length(i));
      }
    }
  }
}
