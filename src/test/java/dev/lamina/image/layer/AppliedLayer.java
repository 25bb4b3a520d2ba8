package dev.lamina.image.layer;

import static dev.lamina.testing.Tree.ok;

import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Tree;
import dev.lamina.testing.TreeState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Applies layers without any code of Lamina, as the overlay driver of docker and podman does: GNU
 * tar unpacks, whiteouts become those of kernel overlayfs, and the kernel merges.
 */
public final class AppliedLayer {
  private static final String PREFIX = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";

  private AppliedLayer() {}

  /**
   * Unpacks a layer.
   *
   * @param target a new directory, which gets the attributes of the root below unless the layer has
   *     an entry for the root
   */
  public static void unpack(byte[] tar, Path target, Path below) {
    try {
      Path file = target.resolveSibling(target.getFileName() + ".tar");
      Files.write(file, tar);
      Tree tree = new Tree(target);
      copyRoot(new Tree(below), tree);
      Commands.run(
              "tar",
              "--xattrs",
              "--xattrs-include=*",
              "--numeric-owner",
              "-xpf",
              file.toString(),
              "-C",
              target.toString())
          .succeed();
      if (!names(tar, target.getParent()).contains("./")) {
        copyRoot(new Tree(below), tree);
      }
      convert(tree, "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void copyRoot(Tree from, Tree to) {
    Stat stat = from.stat("");
    ok(to.chown("", stat.uid, stat.gid));
    ok(to.chmod("", stat.mode & Mode.PERMISSIONS));
    from.xattrs("").forEach((name, value) -> ok(to.setxattr("", name, value)));
    ok(to.utimens("", stat.mtimeSeconds, stat.mtimeNanos));
  }

  /** The times of directories are kept. */
  private static void convert(Tree tree, String directory) {
    Stat before = tree.stat(directory);
    for (String name : tree.list(directory)) {
      String path = directory.isEmpty() ? name : directory + "/" + name;
      if (name.equals(OPAQUE)) {
        ok(tree.unlink(path));
        ok(tree.setxattr(directory, "trusted.overlay.opaque", "y"));
      } else if (name.startsWith(PREFIX)) {
        ok(tree.unlink(path));
        String hidden = path.substring(0, path.length() - name.length()) + name.substring(4);
        ok(tree.mknod(hidden, Mode.S_IFCHR, 0));
      } else if (tree.stat(path).isDirectory()) {
        convert(tree, path);
      }
    }
    ok(tree.utimens(directory, before.mtimeSeconds, before.mtimeNanos));
  }

  /** Returns a tree with its hard links as text. */
  public static Map<String, String> snapshot(Tree tree) {
    return TreeState.of(tree).lines(path -> 0);
  }

  /** Returns the names in an archive in the order in which GNU tar lists them. */
  public static List<String> names(byte[] tar, Path directory) {
    try {
      Path file = Files.createTempFile(directory, "list", ".tar");
      Files.write(file, tar);
      String out = Commands.run("tar", "--quoting-style=literal", "-tf", "" + file).succeed().out();
      return new ArrayList<>(out.isEmpty() ? List.of() : List.of(out.split("\n")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
