package dev.lamina.union;

import dev.lamina.fuse.FuseException;

/**
 * A merged directory's entries at one moment: every visible name once, with the number that stat
 * shows for it. It never changes, so that any number of open directories may share it, and lies in
 * three arrays of the size that is needed.
 */
final class DirectorySnapshot {
  private final NameList names;
  private final long[] numbers;
  private final byte[] types;

  /** Takes over the arrays, see {@link DirectoryScan}. */
  DirectorySnapshot(NameList names, long[] numbers, byte[] types) {
    this.names = names;
    this.numbers = numbers;
    this.types = types;
  }

  /** True when users see nothing in the directory. */
  static boolean isEmpty(Inode directory) throws FuseException {
    return new DirectoryScan(null).isEmpty(directory);
  }

  /**
   * Lists a directory, in time linear in the number of entries. One that has been removed has none.
   *
   * @throws FuseException with the errno of getdents64(2)
   */
  static DirectorySnapshot of(Union union, Lookup lookup, Inode directory) throws FuseException {
    return new DirectoryScan(union).list(lookup, directory);
  }

  int size() {
    return names.size();
  }

  /** The array that holds all names. */
  byte[] names() {
    return names.bytes();
  }

  int nameOffset(int index) {
    return names.offset(index);
  }

  int nameLength(int index) {
    return names.length(index);
  }

  /** The inode number that stat shows. */
  long number(int index) {
    return numbers[index];
  }

  /** {@code S_IF} type. */
  int type(int index) {
    return DirectoryScan.unpackType(types[index]);
  }
}
