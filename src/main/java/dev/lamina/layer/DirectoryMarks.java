package dev.lamina.layer;

/** The memos of a directory's marks. */
final class DirectoryMarks extends Memo<LayerDirectory> {
  static final int NO_OPAQUE_FILE = 1;
  static final int OPAQUE_FILE = 1 << 1;
  static final int NO_ATTRIBUTE = 1 << 2;
  static final int OPAQUE_ATTRIBUTE = 1 << 3;
  static final int XATTR_WHITEOUTS = 1 << 4;
  static final int NO_PREFIXED = 1 << 5;
  static final int PREFIXED = 1 << 6;

  /** Whether the directory contains the file that makes it opaque. */
  static final DirectoryMarks BY_FILE = new DirectoryMarks(NO_OPAQUE_FILE | OPAQUE_FILE);

  /** What the directory's {@code overlay.opaque} attribute says. */
  static final DirectoryMarks BY_ATTRIBUTE =
      new DirectoryMarks(NO_ATTRIBUTE | OPAQUE_ATTRIBUTE | XATTR_WHITEOUTS);

  /** Whether the directory may contain {@code .wh.} files. */
  static final DirectoryMarks BY_PREFIX = new DirectoryMarks(NO_PREFIXED | PREFIXED);

  private DirectoryMarks(int mask) {
    super(mask);
  }

  /** Records that a directory was just created and has no mark. */
  static void startsWithout(LayerDirectory directory) {
    BY_FILE.set(directory, NO_OPAQUE_FILE);
    BY_ATTRIBUTE.set(directory, NO_ATTRIBUTE);
    BY_PREFIX.set(directory, NO_PREFIXED);
  }

  @Override
  protected byte load(LayerDirectory holder) {
    return holder.marks;
  }

  @Override
  protected void store(LayerDirectory holder, byte value) {
    holder.marks = value;
  }
}
