package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Mounter;
import dev.lamina.testing.Tree;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;

/** What chattr(1) {@code +i} and {@code +a} forbid, on lower files and on their copies. */
class ProtectedFilesTest extends UnionTest {
  private static final int WRITE = OpenFlags.O_WRONLY;
  private static final int APPEND = OpenFlags.O_WRONLY | OpenFlags.O_APPEND;
  private static final int NOW = Linux.UTIME_NOW;
  private static final int REFUSED = -Errno.EPERM;

  /** An operation on {@code file}, and whether it is refused with either flag. */
  private enum OnFile {
    READ(false, false, tree -> closed(tree.open("file", OpenFlags.O_RDONLY))),
    READ_TO_APPEND(
        false, false, tree -> closed(tree.open("file", OpenFlags.O_RDONLY | OpenFlags.O_APPEND))),
    WRITE_IN_PLACE(true, true, tree -> closed(tree.open("file", WRITE))),
    READ_AND_WRITE(true, true, tree -> closed(tree.open("file", OpenFlags.O_RDWR))),
    APPEND_MORE(true, false, tree -> written(tree.open("file", APPEND))),
    APPEND_TO_NOTHING(true, true, tree -> closed(tree.open("file", APPEND | OpenFlags.O_TRUNC))),
    READ_NOTHING(true, true, tree -> closed(tree.open("file", OpenFlags.O_TRUNC))),
    TRUNCATE(true, true, tree -> tree.truncate("file", 1)),
    CHMOD(true, true, tree -> tree.chmod("file", 0600)),
    CHOWN(true, true, tree -> tree.chown("file", 5, 5)),
    SET_TIMES(true, true, tree -> tree.utimens("file", 5, 5)),
    SET_ONE_TIME(true, true, tree -> tree.utimens("file", 0, NOW, 0, Linux.UTIME_OMIT)),
    TOUCH(true, false, tree -> tree.utimens("file", 0, NOW, 0, NOW)),
    SET_USER_ATTRIBUTE(true, true, tree -> tree.setxattr("file", "user.a", "b")),
    SET_TRUSTED_ATTRIBUTE(true, true, tree -> tree.setxattr("file", "trusted.a", "b")),
    REMOVE_ATTRIBUTE(true, true, tree -> tree.removexattr("file", "user.has")),
    UNLINK(true, true, tree -> tree.unlink("file")),
    RENAME(true, true, tree -> tree.rename("file", "renamed")),
    REPLACE(true, true, tree -> tree.rename("plain", "file")),
    LINK(true, true, tree -> tree.link("file", "linked")),
    MAKE_IN(true, false, tree -> closed(tree.open("dir/new", WRITE | OpenFlags.O_CREAT, 0644))),
    MKDIR_IN(true, false, tree -> tree.mkdir("dir/new", 0755)),
    SYMLINK_IN(true, false, tree -> tree.symlink("target", "dir/new")),
    MKNOD_IN(true, false, tree -> tree.mknod("dir/new", Mode.S_IFIFO | 0600, 0)),
    LINK_INTO(true, false, tree -> tree.link("plain", "dir/new")),
    MOVE_INTO(true, false, tree -> tree.rename("plain", "dir/new")),
    UNLINK_IN(true, true, tree -> tree.unlink("dir/child")),
    RMDIR_IN(true, true, tree -> tree.rmdir("dir/empty")),
    MOVE_OUT(true, true, tree -> tree.rename("dir/child", "moved")),
    REPLACE_IN(true, true, tree -> tree.rename("plain", "dir/child")),
    WRITE_CHILD(false, false, tree -> written(tree.open("dir/child", WRITE))),
    CHMOD_CHILD(false, false, tree -> tree.chmod("dir/child", 0600)),
    CHMOD_DIRECTORY(true, true, tree -> tree.chmod("dir", 0700)),
    TOUCH_DIRECTORY(true, false, tree -> tree.utimens("dir", 0, NOW, 0, NOW)),
    ATTRIBUTE_OF_DIRECTORY(true, true, tree -> tree.setxattr("dir", "user.a", "b")),
    RMDIR(true, true, tree -> tree.rmdir("hollow"));

    private final boolean immutable;
    private final boolean appendOnly;
    private final ToIntFunction<Tree> call;

    OnFile(boolean immutable, boolean appendOnly, ToIntFunction<Tree> call) {
      this.immutable = immutable;
      this.appendOnly = appendOnly;
      this.call = call;
    }

    int expected(String flag) {
      return (flag.equals("+i") ? immutable : appendOnly) ? REFUSED : 0;
    }

    private static int closed(int fd) {
      return fd < 0 ? fd : Linux.close(fd);
    }

    private static int written(int fd) {
      int count = fd < 0 ? fd : Tree.tryPwrite(fd, "more", 0);
      closed(fd);
      return Math.min(count, 0);
    }
  }

  private static Tree place(Tree tree, String flag, OnFile operation) {
    return tree.at(flag + "/" + operation);
  }

  private static void chattr(Tree tree, String flag, String... names) {
    List<String> command = new ArrayList<>(List.of("chattr", flag));
    for (String name : names) {
      command.add(tree.string(name));
    }
    Commands.run(command.toArray(String[]::new)).succeed();
  }

  private static String flags(Tree tree, String name) {
    String out = Commands.run("lsattr", "-d", tree.string(name)).succeed().out();
    return out.substring(0, out.indexOf(' ')).replace("-", "").replace("e", "");
  }

  private static void fill(Tree tree) {
    tree.write("file", "contents");
    ok(tree.setxattr("file", "user.has", "value"));
    tree.write("plain", "plain");
    tree.write("dir/child", "child");
    ok(tree.mkdir("dir/empty", 0755));
    ok(tree.mkdir("hollow", 0755));
  }

  private static void protect(Tree tree, String flag) {
    chattr(tree, flag, "file", "dir", "hollow");
  }

  private static void checkAll(Tree merged) {
    Map<String, Integer> expected = new TreeMap<>();
    Map<String, Integer> seen = new TreeMap<>();
    for (String flag : List.of("+i", "+a")) {
      for (OnFile operation : OnFile.values()) {
        expected.put(flag + operation, operation.expected(flag));
        seen.put(flag + operation, operation.call.applyAsInt(place(merged, flag, operation)));
      }
    }
    assertEquals(expected, seen);
  }

  private boolean takesFlags() {
    return mounter != Mounter.LAMINA_LIBFUSE;
  }

  /** Whatever happened: the sandbox must be removable. */
  private static void unprotect(Union union) {
    for (Tree tree : List.of(union.lower(), union.upper())) {
      Commands.run("chattr", "-R", "-f", "-i", "-a", tree.string(""));
    }
  }

  @Test
  void flagsOfALowerLayer() {
    try (Union union = Union.writable(mounter, 1)) {
      try {
        for (String flag : List.of("+i", "+a")) {
          for (OnFile operation : OnFile.values()) {
            Tree tree = union.lower().directory(flag + "/" + operation);
            fill(tree);
            protect(tree, flag);
          }
        }
        union.mount();
        checkAll(union.merged());
        if (!takesFlags()) {
          return;
        }
        Tree appended = place(union.merged(), "+a", OnFile.APPEND_MORE);
        assertEquals("contentsmore", appended.read("file"));
        assertEquals("a", flags(appended, "file"), "of the copy");
        union.remount();
        assertEquals("a", flags(appended, "file"), "of the copy after a remount");
        assertEquals(REFUSED, appended.unlink("file"));
        chattr(appended, "-a", "file");
        ok(appended.unlink("file"));
      } finally {
        unprotect(union);
      }
    }
  }

  /** Set through the mount, on what is on the upper; the mark is the kernel's. */
  @Test
  void flagsOfTheUpper() {
    assumeTrue(takesFlags(), "libfuse 2 knows no ioctl of a directory");
    try (Union union = Union.writable(mounter, 1)) {
      try {
        union.mount();
        for (String flag : List.of("+i", "+a")) {
          for (OnFile operation : OnFile.values()) {
            Tree tree = union.merged().directory(flag + "/" + operation);
            fill(tree);
            protect(tree, flag);
          }
        }
        union.remount();
        checkAll(union.merged());
        union.unmount();
        Mounter other = mounter.isLamina() ? Mounter.KERNEL_OVERLAY : Mounter.LAMINA_KERNEL;
        union.mountAs(other);
        Tree file = place(union.merged(), "+i", OnFile.CHMOD);
        assertEquals("i", flags(file, "file"), "as the other sees it");
        assertEquals(REFUSED, file.chmod("file", 0600));
        union.unmountAs(other);
        assertEquals(
            "", flags(place(union.upper(), "+i", OnFile.CHMOD), "file"), "the upper's own");
      } finally {
        unprotect(union);
      }
    }
  }

  /** Overlayfs says EACCES; what the daemon can have the kernel say is ENODEV. */
  @Test
  void aFileThatIsOnlyAppendedToIsNotMappedToBeChanged() {
    String script =
        """
        import mmap, os, sys
        fd = os.open(sys.argv[1], os.O_RDWR | os.O_APPEND)
        try:
            mmap.mmap(fd, 0)[0:3] = b"new"
        except OSError:
            sys.exit(3)
        """;
    try (Union union = Union.writable(mounter, 1)) {
      union.lower().write("file", "contents");
      union.upper().write("upper", "contents");
      chattr(union.lower(), "+a", "file");
      union.mount();
      // libfuse 2 passes no such ioctl on.
      boolean marks = mounter != Mounter.LAMINA_LIBFUSE;
      if (marks) {
        chattr(union.merged(), "+a", "upper");
      }
      try {
        for (int i = 0; i < 2; i++) {
          for (String name : marks ? List.of("file", "upper") : List.of("file")) {
            // Somebody reads it.
            int reader = ok(union.merged().open(name, OpenFlags.O_RDONLY));
            String path = union.mountPoint() + "/" + name;
            Commands.Result result = Commands.run("python3", "-c", script, path);
            assertEquals(3, result.status(), name + result.err());
            assertEquals("contents", union.merged().read(name));
            ok(Linux.close(reader));
          }
          union.remount();
        }
      } finally {
        unprotect(union);
      }
    }
  }

  /** Of the flags that a copy gets itself, kernel overlayfs copies two. */
  @Test
  void otherFlagsAreCopiedUp() {
    try (Union union = Union.writable(mounter, 1)) {
      union.lower().write("file", "contents");
      ok(union.lower().mkdir("dir", 0755));
      chattr(union.lower(), "+S", "file", "dir");
      chattr(union.lower(), "+A", "file", "dir");
      chattr(union.lower(), "+d", "file", "dir");
      union.mount();
      ok(union.merged().chmod("file", 0600));
      union.merged().write("dir/new", "");
      assertEquals("SA", flags(union.upper(), "file"));
      assertEquals("SA", flags(union.upper(), "dir"));
    }
  }

  /** A file that the upper's file system itself lets be appended to only. */
  @Test
  void anUpperFileWithTheFlagItselfIsAppendedTo() {
    try (Union union = Union.writable(mounter, 1)) {
      try {
        union.upper().write("file", "contents");
        chattr(union.upper(), "+a", "file");
        union.mount();
        union.merged().append("file", "more");
        assertEquals("contentsmore", union.merged().read("file"));
        assertEquals(REFUSED, union.merged().truncate("file", 0));
      } finally {
        unprotect(union);
      }
    }
  }
}
