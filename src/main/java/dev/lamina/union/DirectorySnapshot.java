package dev.lamina.union;

import dev.lamina.fuse.FuseException;
import dev.lamina.layer.LayerDirectory;
import dev.lamina.layer.Whiteouts;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A merged directory's entries at one moment: every visible name once, with the number that stat
 * shows for it. Built in time linear in the number of entries, and kept in a few large arrays.
 */
final class DirectorySnapshot {
  private static final int HIDDEN = -1;
  private static final int EMPTY_SLOT = -1;

  private byte[] names = new byte[1024];
  private int[] ends = new int[32];
  private long[] numbers = new long[32];
  private int[] types = new int[32];
  private int count;
  private int visible;

  /** Indexes of entries by name; null when only one layer is listed. */
  private int[] slots;

  private DirectorySnapshot() {}

  /** True when users see nothing in the directory. */
  static boolean isEmpty(Inode directory) throws FuseException {
    DirectorySnapshot snapshot = new DirectorySnapshot();
    snapshot.readLayers(directory, null, true);
    return snapshot.visible == 0;
  }

  /**
   * Lists a directory. One that has been removed has no entries.
   *
   * @throws FuseException with the errno of getdents64(2)
   */
  static DirectorySnapshot of(Union union, Lookup lookup, Inode directory) throws FuseException {
    DirectorySnapshot snapshot = new DirectorySnapshot();
    if (!directory.removed) {
      snapshot.readLayers(directory, union, false);
      snapshot.fixDirectoryNumbers(union, lookup, directory);
    }
    return snapshot;
  }

  /** Number of entries, hidden ones included. */
  int size() {
    return count;
  }

  boolean isVisible(int index) {
    return types[index] != HIDDEN;
  }

  byte[] names() {
    return names;
  }

  int nameOffset(int index) {
    return index == 0 ? 0 : ends[index - 1];
  }

  int nameLength(int index) {
    return ends[index] - nameOffset(index);
  }

  /** The inode number that stat shows. */
  long number(int index) {
    return numbers[index];
  }

  /** {@code S_IF} type. */
  int type(int index) {
    return types[index];
  }

  /**
   * @param union null when only whether there is an entry matters, not which
   */
  private void readLayers(Inode directory, Union union, boolean onlyFirst) throws FuseException {
    LayerDirectory[] directories = directory.contributors();
    if (directories.length > 1) {
      slots = new int[64];
      Arrays.fill(slots, EMPTY_SLOT);
    }
    for (int i = 0; i < directories.length; i++) {
      readLayer(directory, directories[i], union, onlyFirst);
      if (onlyFirst && visible > 0) {
        return;
      }
    }
  }

  private void readLayer(Inode inode, LayerDirectory directory, Union union, boolean onlyFirst)
      throws FuseException {
    Stat stat = new Stat();
    FuseException.check(directory.stat(Linux.EMPTY, stat));
    long device = stat.dev;
    boolean attributeWhiteouts = Whiteouts.mayHoldXattrWhiteouts(directory);
    boolean marked = union != null && directory.isUpper() && union.marks().isImpure(inode);
    List<byte[]> hidden = new ArrayList<>();
    int result =
        directory.list(
            (name, length, ino, type) -> {
              if (Whiteouts.isReserved(name, length)) {
                // It hides names of the layers below, not of its own.
                hidden.add(Arrays.copyOfRange(name, 4, length));
                return true;
              }
              int known = type;
              boolean unsure =
                  type == 0 || type == Mode.S_IFCHR || attributeWhiteouts && type == Mode.S_IFREG;
              if (unsure) {
                byte[] entry = Arrays.copyOf(name, length);
                if (directory.stat(entry, stat) < 0) {
                  return true;
                }
                known = Whiteouts.isWhiteout(directory, entry, stat) ? HIDDEN : stat.type();
              }
              if (add(name, length, known) && union != null) {
                boolean own = !marked || known == Mode.S_IFDIR || known == HIDDEN;
                numbers[count - 1] =
                    own
                        ? union.numbers().number(device, ino)
                        : union
                            .marks()
                            .number(directory, Arrays.copyOf(name, length), true, device, ino);
              }
              return !onlyFirst || visible == 0;
            });
    FuseException.check(result);
    for (byte[] name : hidden) {
      add(name, name.length, HIDDEN);
    }
  }

  /** Adds an entry unless a layer above has decided on the name; true when it did. */
  private boolean add(byte[] name, int length, int type) {
    if (slots != null && !claim(name, length)) {
      return false;
    }
    if (slots == null && type == HIDDEN) {
      return false;
    }
    if (count == ends.length) {
      ends = Arrays.copyOf(ends, 2 * count);
      numbers = Arrays.copyOf(numbers, 2 * count);
      types = Arrays.copyOf(types, 2 * count);
    }
    int start = nameOffset(count);
    if (start + length > names.length) {
      names = Arrays.copyOf(names, Math.max(2 * names.length, start + length));
    }
    System.arraycopy(name, 0, names, start, length);
    ends[count] = start + length;
    types[count] = type;
    count++;
    if (type != HIDDEN) {
      visible++;
    }
    return true;
  }

  /** Enters the name about to be added as entry {@link #count}; false when it is there already. */
  private boolean claim(byte[] name, int length) {
    if (2 * (count + 1) > slots.length) {
      grow();
    }
    int mask = slots.length - 1;
    int at = hash(name, 0, length) & mask;
    while (slots[at] != EMPTY_SLOT) {
      int start = nameOffset(slots[at]);
      if (Arrays.equals(names, start, ends[slots[at]], name, 0, length)) {
        return false;
      }
      at = at + 1 & mask;
    }
    slots[at] = count;
    return true;
  }

  private void grow() {
    slots = new int[2 * slots.length];
    Arrays.fill(slots, EMPTY_SLOT);
    int mask = slots.length - 1;
    for (int i = 0; i < count; i++) {
      int at = hash(names, nameOffset(i), nameLength(i)) & mask;
      while (slots[at] != EMPTY_SLOT) {
        at = at + 1 & mask;
      }
      slots[at] = i;
    }
  }

  private static int hash(byte[] bytes, int offset, int length) {
    int hash = 1;
    for (int i = offset; i < offset + length; i++) {
      hash = 31 * hash + bytes[i];
    }
    hash *= 0x9E3779B9;
    return hash ^ hash >>> 16;
  }

  /** A directory of the upper may show the number of the lower one that it is merged with. */
  private void fixDirectoryNumbers(Union union, Lookup lookup, Inode directory)
      throws FuseException {
    if (!directory.isUpper()) {
      return;
    }
    for (int i = 0; i < count; i++) {
      if (types[i] == Mode.S_IFDIR) {
        byte[] name = Arrays.copyOfRange(names, nameOffset(i), nameOffset(i) + nameLength(i));
        Inode known = union.table().child(directory, name, false);
        numbers[i] =
            known != null ? known.number : lookup.directoryNumber(directory, name, numbers[i]);
      }
    }
  }
}
