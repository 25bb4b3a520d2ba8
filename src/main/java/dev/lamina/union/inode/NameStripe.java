package dev.lamina.union.inode;

import java.util.Arrays;

/** A hash table of dentries by directory and name. Callers must hold its monitor. */
final class NameStripe {
  private Dentry[] buckets = new Dentry[16];
  private int size;

  Dentry get(int hash, Inode parent, byte[] name) {
    for (Dentry at = buckets[index(hash)]; at != null; at = at.nextInBucket) {
      if (at.hash == hash
          && at.parent == parent
          && !at.inode.dead
          && Arrays.equals(at.name, name)) {
        return at;
      }
    }
    return null;
  }

  /**
   * Adds a dentry. An older one of the same name may still be there, whose inode is being dropped.
   */
  void add(Dentry dentry) {
    if (size >= buckets.length) {
      resize(2 * buckets.length);
    }
    insert(dentry);
    size++;
  }

  private void insert(Dentry dentry) {
    int index = index(dentry.hash);
    dentry.nextInBucket = buckets[index];
    buckets[index] = dentry;
  }

  boolean remove(Dentry dentry) {
    int index = index(dentry.hash);
    Dentry before = null;
    for (Dentry at = buckets[index]; at != null; before = at, at = at.nextInBucket) {
      if (at != dentry) {
        continue;
      }
      if (before == null) {
        buckets[index] = at.nextInBucket;
      } else {
        before.nextInBucket = at.nextInBucket;
      }
      size--;
      if (buckets.length > 64 && 8 * size < buckets.length) {
        resize(buckets.length / 2);
      }
      return true;
    }
    return false;
  }

  private void resize(int length) {
    Dentry[] old = buckets;
    buckets = new Dentry[length];
    for (Dentry bucket : old) {
      Dentry at = bucket;
      while (at != null) {
        Dentry next = at.nextInBucket;
        insert(at);
        at = next;
      }
    }
  }

  private int index(int hash) {
    return hash >>> 6 & buckets.length - 1;
  }
}
