package dev.lamina.union.inode;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** A hash table of inodes by nodeid, without boxed keys. Callers must hold its monitor. */
final class NodeStripe {
  /** The number of tables among which inodes are distributed by the lowest bits of the nodeid. */
  static final int STRIPES = 64;

  private Inode[] slots = new Inode[16];
  int size;

  Inode get(long nodeid) {
    int mask = slots.length - 1;
    for (int i = slot(nodeid, mask); slots[i] != null; i = i + 1 & mask) {
      if (slots[i].nodeid == nodeid) {
        return slots[i];
      }
    }
    return null;
  }

  void add(Inode inode) {
    if (2 * (size + 1) > slots.length) {
      resize(2 * slots.length);
    }
    insert(inode);
    size++;
  }

  private void insert(Inode inode) {
    int mask = slots.length - 1;
    int i = slot(inode.nodeid, mask);
    while (slots[i] != null) {
      i = i + 1 & mask;
    }
    slots[i] = inode;
  }

  void remove(Inode inode) {
    int mask = slots.length - 1;
    int hole = slot(inode.nodeid, mask);
    while (slots[hole] != inode) {
      hole = hole + 1 & mask;
    }
    // Later entries of the run move up: a search would end at the hole.
    for (int i = hole + 1 & mask; slots[i] != null; i = i + 1 & mask) {
      int home = slot(slots[i].nodeid, mask);
      if ((i - home & mask) >= (i - hole & mask)) {
        slots[hole] = slots[i];
        hole = i;
      }
    }
    slots[hole] = null;
    size--;
    if (slots.length > 64 && 8 * size < slots.length) {
      resize(slots.length / 2);
    }
  }

  private void resize(int length) {
    Inode[] old = slots;
    slots = new Inode[length];
    for (Inode inode : old) {
      if (inode != null) {
        insert(inode);
      }
    }
  }

  List<Inode> all() {
    return Arrays.stream(slots).filter(Objects::nonNull).toList();
  }

  private static int slot(long nodeid, int mask) {
    return (int) (nodeid / STRIPES) & mask;
  }
}
