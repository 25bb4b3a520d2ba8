package dev.lamina.union;

import dev.lamina.layer.LayerDirectory;
import dev.lamina.layer.Whiteouts;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads the layers of a directory from the top and keeps the first entry of every name, whiteouts
 * among them for as long as there are layers that they could hide something of.
 */
final class DirectoryScan {
  /** In place of an entry's type: it is hidden. No object has the type 0. */
  private static final byte HIDDEN = 0;

  private static final int TYPE_SHIFT = 12;

  private final Union union;
  private NameList names;
  private long[] numbers = new long[32];
  private byte[] types = new byte[32];
  private short[] sources = new short[32];
  private short source;
  private int visible;
  private boolean isMerged;
  private boolean onlyFirst;

  /**
   * @param union null when only whether there is an entry matters, not which
   */
  DirectoryScan(Union union) {
    this.union = union;
  }

  /** True when the directory shows nothing; reads no further than the first visible entry. */
  boolean isEmpty(Inode directory) throws ErrnoException {
    onlyFirst = true;
    readLayers(directory);
    return visible == 0;
  }

  /** See {@link DirectorySnapshot#of}. */
  DirectorySnapshot list(Lookup lookup, Inode directory) throws ErrnoException {
    int version = directory.version;
    if (directory.removed) {
      names = new NameList(false);
    } else {
      readLayers(directory);
      dropHidden();
      fixDirectoryNumbers(lookup, directory);
    }
    int count = names.size();
    names.trim();
    return new DirectorySnapshot(
        names,
        Arrays.copyOf(numbers, count),
        Arrays.copyOf(types, count),
        Arrays.copyOf(sources, count),
        version);
  }

  static int unpackType(byte type) {
    return type << TYPE_SHIFT;
  }

  private void readLayers(Inode directory) throws ErrnoException {
    LayerDirectory[] directories = directory.contributors();
    isMerged = directories.length > 1;
    names = new NameList(isMerged);
    for (int i = 0; i < directories.length; i++) {
      source = (short) i;
      readLayer(directory, directories[i]);
      if (onlyFirst && visible > 0) {
        return;
      }
    }
  }

  private void readLayer(Inode inode, LayerDirectory directory) throws ErrnoException {
    Stat stat = new Stat();
    ErrnoException.check(directory.stat(Linux.EMPTY, stat));
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
                numbers[names.size() - 1] =
                    own
                        ? union.numbers().number(device, ino)
                        : union
                            .marks()
                            .number(directory, Arrays.copyOf(name, length), true, device, ino);
              }
              return !onlyFirst || visible == 0;
            });
    ErrnoException.check(result);
    for (byte[] name : hidden) {
      add(name, name.length, HIDDEN);
    }
  }

  /** Adds an entry unless a layer above has decided on the name; true when it did. */
  private boolean add(byte[] name, int length, int type) {
    boolean pointless = type == HIDDEN && !isMerged;
    if (pointless || !names.add(name, 0, length)) {
      return false;
    }
    int index = names.size() - 1;
    if (index == types.length) {
      numbers = Arrays.copyOf(numbers, 2 * index);
      types = Arrays.copyOf(types, 2 * index);
      sources = Arrays.copyOf(sources, 2 * index);
    }
    sources[index] = source;
    types[index] = (byte) (type >>> TYPE_SHIFT);
    if (type != HIDDEN) {
      visible++;
    }
    return true;
  }

  private void dropHidden() {
    int count = names.size();
    if (visible == count) {
      return;
    }
    NameList all = names;
    names = new NameList(false);
    for (int i = 0; i < count; i++) {
      if (types[i] != HIDDEN) {
        types[names.size()] = types[i];
        numbers[names.size()] = numbers[i];
        sources[names.size()] = sources[i];
        names.add(all.bytes(), all.offset(i), all.length(i));
      }
    }
  }

  /** A directory of the upper may show the number of the lower one that it is merged with. */
  private void fixDirectoryNumbers(Lookup lookup, Inode directory) {
    if (!directory.isUpper()) {
      return;
    }
    for (int i = 0; i < names.size(); i++) {
      if (unpackType(types[i]) == Mode.S_IFDIR) {
        byte[] name = names.name(i);
        Inode known = union.table().child(directory, name, false);
        numbers[i] =
            known != null ? known.number : lookup.directoryNumber(directory, name, numbers[i]);
      }
    }
  }
}
