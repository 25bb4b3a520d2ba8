package dev.lamina.testing;

import java.nio.file.Path;

/**
 * Removes, replaces and renames objects of a lower layer, each of which writes marks, in one script
 * whose output tells what exists in the end.
 */
public final class NameChanges {
  /** Fills the working directory, a lower layer. */
  public static final String FILL =
      """
      for i in 1 2 3 4 5 6 7 8; do
        echo f$i >f$i
        mkdir d$i
        echo a >d$i/a
        echo b >d$i/b
      done
      mkdir d4/sub
      echo x >d4/sub/x
      """;

  /** Changes the working directory, on a mount; the first failure ends it. */
  public static final String CHANGE =
      """
      set -e
      rm f1
      rm -r d1
      mkdir d1
      rm d2/a d2/b
      rmdir d2
      touch d2
      mv f2 moved
      mv f3 f1
      rm d3/a d3/b
      mkdir new
      echo in >new/in
      mv -T new d3
      mkdir new
      echo in >new/in
      rm f4
      mv new f4
      rm f6
      ln f5 f6
      rm f7
      ln -s target f7
      rm f8
      echo new >f8
      rm -r d4
      mkdir d4
      mkdir d4/sub
      touch d4/sub/y
      rm -r d4/sub
      mv moved f2
      mv d1 d5/moved
      rm -r d5
      mkdir -p d6/new/x
      rm -r d6
      """;

  /** Prints what the working directory shows. */
  public static final String SHOW = "find . | LC_ALL=C sort; grep -r . . | LC_ALL=C sort\n";

  private NameChanges() {}

  /** Fills a lower layer. */
  public static void fill(Path lower) {
    in(lower, FILL);
  }

  /** Changes a mount, and returns what it shows then. */
  public static String change(Path merged) {
    return in(merged, CHANGE + SHOW);
  }

  /** Returns what a directory shows. */
  public static String show(Path merged) {
    return in(merged, SHOW);
  }

  private static String in(Path directory, String script) {
    return Commands.run("bash", "-c", "cd \"$1\"; " + script, "bash", directory.toString())
        .succeed()
        .out();
  }
}
