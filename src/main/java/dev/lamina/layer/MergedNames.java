package dev.lamina.layer;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Mode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The names that real directories hold or hide, each once, sorted bytewise: for walking a merged
 * tree in an order that depends on nothing but the names.
 */
public final class MergedNames {
  private static final int PREFIX_LENGTH = Whiteouts.prefixed(new byte[0]).length;

  /** Of one name, the topmost directory first; there, an object before a mark beside it. */
  private static final Comparator<Name> ORDER =
      Comparator.comparing(Name::bytes, Arrays::compareUnsigned)
          .thenComparingInt(Name::source)
          .thenComparing(Name::isCertain, Comparator.reverseOrder());

  private MergedNames() {}

  /**
   * A name.
   *
   * @param source the first directory, an index, that holds or hides it: where {@link Merge#find}
   *     can begin
   * @param isCertain true when that directory certainly holds an object of the name; otherwise it
   *     may be hidden, which {@link Merge#find} tells
   */
  public record Name(byte[] bytes, int source, boolean isCertain) {}

  /**
   * Lists directories.
   *
   * @param directories that make up one, topmost first
   * @param count how many of them, from the top, to list
   * @throws ErrnoException with the errno of what failed; a directory that is gone has no names
   */
  public static List<Name> list(LayerDirectory[] directories, int count) throws ErrnoException {
    List<Name> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      add(directories[i], i, names);
    }
    names.sort(ORDER);
    List<Name> once = new ArrayList<>(names.size());
    byte[] last = null;
    for (Name name : names) {
      if (last == null || !Arrays.equals(last, name.bytes())) {
        once.add(name);
        last = name.bytes();
      }
    }
    return once;
  }

  private static void add(LayerDirectory directory, int source, List<Name> names)
      throws ErrnoException {
    boolean attributeWhiteouts = Whiteouts.mayHoldXattrWhiteouts(directory);
    int result =
        directory.list(
            (buffer, length, ino, type) -> {
              if (!Whiteouts.isReserved(buffer, length)) {
                boolean unsure =
                    type == 0 || type == Mode.S_IFCHR || attributeWhiteouts && type == Mode.S_IFREG;
                names.add(new Name(Arrays.copyOf(buffer, length), source, !unsure));
                return true;
              }
              byte[] hidden = Arrays.copyOfRange(buffer, PREFIX_LENGTH, length);
              // Marks of the directory itself, such as the opaque one, hide no name.
              if (hidden.length > 0 && !Whiteouts.isReserved(hidden) && !isMark(hidden)) {
                names.add(new Name(hidden, source, false));
              }
              return true;
            });
    // Removed, or replaced by something else.
    boolean isGone = result == -Errno.ENOENT || result == -Errno.ENOTDIR;
    ErrnoException.check(isGone ? 0 : result);
  }

  /** What is left of {@code .wh..wh.NAME} is no name; what is left of {@code .wh..} is none. */
  private static boolean isMark(byte[] hidden) {
    return hidden[0] == '.' && (hidden.length == 1 || hidden.length == 2 && hidden[1] == '.');
  }
}
