package dev.lamina.differential;

import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Where Lamina may differ from kernel overlayfs, each with the reason.
 *
 * <p>What is not compared at all, because equal file systems differ in it:
 *
 * <ul>
 *   <li>a directory's size and any file's block count: they depend on the history of the directory
 *       and on when the file system below allocates;
 *   <li>times within a day of now: the sides run one after the other; that both are recent is
 *       compared. Times that an operation or a layer set are older, and compared to the nanosecond;
 *   <li>ctime, which nothing can set;
 *   <li>inode numbers themselves: compared is which names share one, and whether they are kept;
 *   <li>the type and the counts of statfs(2);
 *   <li>names that begin with {@code .wh.}: the scenarios have none. Lamina reads AUFS and OCI
 *       whiteouts and so refuses to create such a name, to overlayfs it is a name like any other;
 *   <li>changing attributes by the descriptor of a file that has lost its name, unless it is a
 *       regular file open for writing: overlayfs (index=off) copies a lower file up to where the
 *       name was, and it is back;
 *   <li>of a mount that finds files by path: that change for any file that has lost the name it was
 *       opened by, and fifos with several names, which are as many fifos to the kernel.
 * </ul>
 */
final class AllowedDifferences {
  /** A difference that is not a defect. */
  record Entry(String name, String reason, Predicate<Difference> matches) {}

  private static final Set<String> STEADINESS = Set.of("ino-kept", "dirent-ino");

  private static final Set<String> HANDLE_ATTRIBUTES =
      Set.of("Fstat", "Fchmod", "Fchown", "Futimens", "Fxattr");

  static final List<Entry> ENTRIES =
      List.of(
          new Entry(
              "steadier inode numbers",
              "overlayfs gives a hard-linked lower file a new number at copy-up (index=off);"
                  + " keeping the number is what it does for all other files",
              AllowedDifferences::isSteadier),
          new Entry(
              "link count after unlink",
              "of an open lower file that was unlinked overlayfs (index=off) still counts the"
                  + " name; POSIX wants it gone",
              d ->
                  d.kind().equals("Fstat")
                      && d.fact().equals("nlink")
                      && d.expected() != null
                      && d.actual() != null
                      && Integer.parseInt(d.actual()) == Integer.parseInt(d.expected()) - 1),
          new Entry(
              "user.overlay attributes",
              "Lamina reads user.overlay marks on every mount, overlayfs only with userxattr; so"
                  + " what a user sets under these names is stored under a longer one and is no mark",
              d -> d.fact().startsWith("xattr user.overlay.")),
          new Entry(
              "opaque mark of a failed rename",
              "overlayfs marks a directory that is to be moved before it finds that the new name"
                  + " is not empty; a mark without a lower directory changes nothing",
              d ->
                  d.kind().equals("upper directory")
                      && d.fact().equals("xattr trusted.overlay.opaque")
                      && "=y".equals(d.expected())
                      && d.actual() == null),
          new Entry(
              "trusted attributes for capable users",
              "FUSE tells a caller's user but not its capabilities: Lamina lists trusted attributes"
                  + " to root alone",
              d -> d.fact().equals("xattrs") && isWithoutTrusted(d)),
          new Entry(
              "old data of open programs",
              "the kernel reads programs of lower layers by itself (passthrough=auto): who has one"
                  + " open when it is copied up goes on reading what it was then, and nothing else",
              d ->
                  d.kind().equals("Pread")
                      && d.expected() != null
                      && !d.expected().endsWith(World.AS_WHEN_OPENED)
                      && d.actual() != null
                      && d.actual().endsWith(World.AS_WHEN_OPENED)));

  /** Those of a mount that finds files by path only, see {@link Abilities#byInode}. */
  static final List<Entry> BY_PATH =
      List.of(
          new Entry(
              "attributes in removed directories",
              "libfuse 2 has no path for a removed directory or for an open file that was in one,"
                  + " and answers ENOENT itself; the handle reads and writes as before",
              d ->
                  HANDLE_ATTRIBUTES.contains(d.kind())
                      && (d.actual() == null || d.actual().equals("ENOENT"))),
          new Entry(
              "setgid without group execution",
              "a write by a user outside the group takes this bit away since Linux 6.2, but not"
                  + " where the kernel itself takes setuid and setgid away (fuse_setattr)",
              d -> d.fact().equals("mode") && isSetgidKept(d)));

  private AllowedDifferences() {}

  /** Right at once, or all along where overlayfs gets it right at a remount. */
  private static boolean isSteadier(Difference d) {
    if (STEADINESS.contains(d.fact())) {
      return "no".equals(d.expected()) && "yes".equals(d.actual());
    }
    boolean atRemount = d.fact().startsWith("changed: ") && d.fact().endsWith(": dirent-ino");
    return atRemount && "no -> yes".equals(d.expected()) && d.actual() == null;
  }

  private static boolean isSetgidKept(Difference d) {
    if (d.expected() == null || d.actual() == null) {
      return false;
    }
    int expected = Integer.parseInt(d.expected(), 8);
    int actual = Integer.parseInt(d.actual(), 8);
    return actual == (expected | 02000) && (actual & 010) == 0;
  }

  private static boolean isWithoutTrusted(Difference d) {
    if (d.expected() == null || d.actual() == null) {
      return false;
    }
    return names(d.expected())
        .filter(name -> !name.startsWith("trusted."))
        .toList()
        .equals(names(d.actual()).toList());
  }

  private static Stream<String> names(String list) {
    String inner = list.substring(1, list.length() - 1);
    return inner.isEmpty() ? Stream.empty() : Stream.of(inner.split(", "));
  }

  /** The entry that allows a difference of such a mount; null when none does. */
  static Entry find(Difference difference, Abilities subject) {
    Stream<Entry> entries = ENTRIES.stream();
    if (!subject.byInode()) {
      entries = Stream.concat(entries, BY_PATH.stream());
    }
    return entries.filter(entry -> entry.matches().test(difference)).findFirst().orElse(null);
  }
}
