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
 * What a merged directory shows: {@link Merge}'s rules for all its names at once. Its real
 * directories are read from the top; the first that has or hides a name decides on it.
 *
 * <p>An entry that has gone when its attributes are looked at is not there. Every other error is
 * the caller's: what could not be looked at might be an object, a whiteout, or gone.
 *
 * <p>Names, types and numbers lie in a few arrays. Made by one thread.
 */
public final class MergedListing {
  /** In place of an entry's type: it is hidden. No object has the type 0. */
  private static final byte HIDDEN = 0;

  private static final int TYPE_SHIFT = 12;

  /**
   * A name that one of the directories decides on.
   *
   * @param source the index of that directory
   * @param isShown false where it hides the name
   */
  public record Name(byte[] bytes, int source, boolean isShown) {}

  private final LayerDirectory[] directories;
  private final int count;

  /** Only whether something shows is asked for. */
  private final boolean onlyFirst;

  private NameList names;
  private long[] numbers = new long[32];
  private byte[] types = new byte[32];
  private short[] sources = new short[32];
  private int visible;
  private boolean holdsMore;

  /** Whether what the last of the directories hides matters. */
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
   * @param directories that make up one, topmost first
   */
  public static MergedListing of(LayerDirectory[] directories) throws ErrnoException {
    MergedListing listing = new MergedListing(directories, directories.length, false, false);
    listing.read();
    listing.dropHidden();
    return listing;
  }

  /** The listing of a directory that has been removed. */
  public static MergedListing empty() {
    return new MergedListing(new LayerDirectory[0], 0, false, false);
  }

  /**
   * True when users see nothing in a directory, and its upper part, if there is one, holds marks
   * alone: then nothing is lost when that is removed with all that is in it.
   */
  public static boolean isEmpty(LayerDirectory[] directories) throws ErrnoException {
    MergedListing listing = new MergedListing(directories, directories.length, true, false);
    listing.read();
    return listing.visible == 0 && !listing.holdsMore;
  }

  /** True when there is anything in a real directory, which users see as empty. */
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
   * The names that the first real directories of a merged one show or hide, each once, sorted
   * bytewise: for walking a tree in an order that depends on nothing but the names.
   *
   * @param count how many directories, from the top, to list
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

  /** The list itself, in which names have the indexes that the methods here take. */
  public NameList names() {
    return names;
  }

  /** {@code S_IF} type. */
  public int type(int index) {
    return types[index] << TYPE_SHIFT;
  }

  /** The index of the directory that shows an entry. */
  public int source(int index) {
    return sources[index];
  }

  /** The inode number that its layer tells. */
  public long number(int index) {
    return numbers[index];
  }

  /** Copies of the types, as an S_IF type shifted by 12 bits, and of the sources. */
  public byte[] types() {
    return Arrays.copyOf(types, size());
  }

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
   * @param hides whether there may be something that it hides
   * @return true when it turns out to be opaque, which {@link Merge#contributors} could not tell
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
              // It hides names of the layers below, not of its own.
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

  /** The type of an entry, or {@link #HIDDEN} for a whiteout; -1 when it has gone. */
  private static int look(LayerDirectory directory, byte[] name, Stat stat) throws ErrnoException {
    int result = directory.stat(name, stat);
    if (result == -Errno.ENOENT) {
      return -1;
    }
    ErrnoException.check(result);
    return Whiteouts.isWhiteout(directory, name, stat) ? HIDDEN : stat.type();
  }

  /** True for a directory of the upper with a name of marks: no mark, whatever it is. */
  private static boolean isMore(
      LayerDirectory directory, byte[] name, int length, int type, Stat stat)
      throws ErrnoException {
    if (!directory.isUpper()) {
      return false;
    }
    int known = type == 0 ? look(directory, Arrays.copyOf(name, length), stat) : type;
    return known == Mode.S_IFDIR;
  }

  /** Marks of the directory itself, such as the opaque one, hide no name. */
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

  /** Adds an entry unless a directory above has decided on the name. */
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
