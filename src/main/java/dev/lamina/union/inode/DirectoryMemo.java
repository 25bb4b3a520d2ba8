package dev.lamina.union.inode;

import dev.lamina.layer.Memo;

/** A property of the upper part of a directory that is remembered: yes, no or not known. */
public final class DirectoryMemo extends Memo<Inode> {
  /** Whether the directory has a default ACL. */
  public static final DirectoryMemo DEFAULT_ACL = new DirectoryMemo(1, 1 << 1);

  /** Whether the directory is marked as one whose files may keep other inode numbers. */
  public static final DirectoryMemo IMPURE = new DirectoryMemo(1 << 2, 1 << 3);

  private final int no;
  private final int yes;

  private DirectoryMemo(int no, int yes) {
    super(no | yes);
    this.no = no;
    this.yes = yes;
  }

  /** Returns whether the property of a directory is known. */
  public boolean isKnown(Inode directory) {
    return get(directory) != UNKNOWN;
  }

  /** Returns whether a directory is known to have the property. */
  public boolean isYes(Inode directory) {
    return get(directory) == yes;
  }

  /** Remembers what was read, see {@link #learn}; returns the property as it is known then. */
  public boolean learnWhether(Inode directory, boolean seen) {
    return learn(directory, seen ? yes : no) == yes;
  }

  void setYes(Inode directory) {
    set(directory, yes);
  }

  /** Forgets the property of a directory. */
  public void forget(Inode directory) {
    set(directory, UNKNOWN);
  }

  @Override
  protected byte load(Inode holder) {
    return holder.memos;
  }

  @Override
  protected void store(Inode holder, byte value) {
    holder.memos = value;
  }
}
