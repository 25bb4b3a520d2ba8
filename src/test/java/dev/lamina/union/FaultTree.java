package dev.lamina.union;

import static dev.lamina.testing.Tree.ok;

import dev.lamina.sys.Mode;
import dev.lamina.sys.Mounts;
import dev.lamina.testing.Tree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The layers that {@link ReadFaultMatrixTest} works on: lower, upper, merged, opaque and redirected
 * directories, whiteouts of the formats that kernel overlayfs reads, metacopies, hard links.
 */
final class FaultTree {
  static final int LAYERS = 2;

  /** The time of all files, so that a later change can be seen. */
  static final long OLD_SECONDS = 1_000_000_000L;

  private static final String OPAQUE = "trusted.overlay.opaque";

  /** The permitted capability cap_chown (struct vfs_cap_data of linux/capability.h, revision 2). */
  private static final byte[] CAPABILITY = new byte[20];

  static {
    CAPABILITY[3] = 2;
    CAPABILITY[4] = 1;
  }

  private FaultTree() {}

  /** Returns the contents of a regular file by its path in the merged tree. */
  static String content(String path) {
    return switch (path) {
      case "h1", "h2", "uh1", "uh2" -> "linked";
      case "new/inner" -> "content of old/inner";
      default -> "content of " + path;
    };
  }

  /** The lower layers, topmost first; nothing changes them. */
  static void fillLower(Path top, Path bottom) throws IOException {
    Tree lower = new Tree(bottom);
    for (String name : List.of("d", "d/sub", "e", "o", "xw", "old", "em")) {
      ok(lower.mkdir(name, 0755));
    }
    for (String name :
        List.of(
            "d/a",
            "d/b",
            "d/gone",
            "e/x",
            "e/y",
            "o/hidden",
            "xw/hid",
            "xw/shown",
            "w",
            "v",
            "old/inner",
            "f",
            "g2",
            "xa",
            "meta")) {
      lower.write(name, content(name));
    }
    lower.write("setuid", "program");
    ok(lower.chmod("setuid", 04755));
    lower.write("cap", content("cap"));
    ok(lower.setxattr("cap", "security.capability", CAPABILITY, 0));
    lower.write("flags", content("flags"));
    // Of the flags that a file in memory can have, this is the one that overlayfs copies up.
    FaultFlags.set(lower, "flags", FaultFlags.NO_ACCESS_TIME);
    ok(lower.setxattr("xa", "user.key", "value"));
    ok(lower.symlink("d/a", "sl"));
    ok(lower.mknod("p", Mode.S_IFIFO | 0640, 0));
    ok(lower.mknod("dev", Mode.S_IFCHR | 0600, 0x103));
    lower.write("h1", content("h1"));
    ok(lower.link("h1", "h2"));
    Tree upper = new Tree(top);
    for (String name : List.of("d", "o", "xw", "new")) {
      ok(upper.mkdir(name, 0755));
    }
    upper.write("d/c", "of the upper of the two");
    upper.whiteout("d/gone");
    ok(upper.setxattr("o", OPAQUE, "y"));
    upper.write("o/own", "");
    ok(upper.setxattr("xw", OPAQUE, "x"));
    upper.write("xw/hid", "");
    ok(upper.setxattr("xw/hid", "trusted.overlay.whiteout", ""));
    ok(upper.setxattr("new", "trusted.overlay.redirect", "/old"));
    age(top);
    age(bottom);
  }

  /** Makes the upper as an earlier mount has left it. */
  static void fillUpper(Path root) throws IOException {
    Tree upper = new Tree(root);
    for (String name : List.of("d", "e", "ud", "od")) {
      ok(upper.mkdir(name, 0755));
    }
    upper.write("d/u", content("d/u"));
    upper.whiteout("e/x");
    upper.whiteout("e/y");
    upper.whiteout("w");
    upper.write("uf", content("uf"));
    upper.write("ud/uf2", content("ud/uf2"));
    upper.write("usetuid", "program");
    ok(upper.chmod("usetuid", 04755));
    ok(upper.setxattr("od", OPAQUE, "y"));
    ok(upper.symlink("uf", "us"));
    upper.write("uh1", content("uh1"));
    ok(upper.link("uh1", "uh2"));
    age(root);
  }

  /** Makes a metacopy in the lower layer above the one that has its data. */
  static void fillMetacopy(Path top) throws IOException {
    Tree upper = new Tree(top);
    upper.write("meta", "");
    ok(upper.truncate("meta", content("meta").length()));
    ok(upper.chmod("meta", 0600));
    ok(upper.setxattr("meta", "trusted.overlay.metacopy", ""));
    age(top);
  }

  private static void age(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      Tree tree = new Tree(root);
      for (Path file : files.toList()) {
        ok(tree.utimens(root.relativize(file).toString(), OLD_SECONDS, 0));
      }
    }
  }

  /**
   * Mounts kernel overlayfs.
   *
   * @param upper null if all directories are only read
   */
  static void mountKernel(Path at, List<Path> lower, Path upper, Path work, boolean metacopy) {
    String layers = String.join(":", lower.stream().map(Path::toString).toList());
    String options = "lowerdir=" + layers + ",xino=off";
    options += metacopy ? ",redirect_dir=on,metacopy=on" : ",redirect_dir=follow,metacopy=off";
    options += upper == null ? "" : ",upperdir=" + upper + ",workdir=" + work;
    byte[] type = Tree.bytes("overlay");
    ok(Mounts.mount(type, Tree.bytes("" + at), type, 0, Tree.bytes(options)));
  }

  static void unmount(Path at) {
    ok(Mounts.umount2(Tree.bytes("" + at), 0));
  }
}
