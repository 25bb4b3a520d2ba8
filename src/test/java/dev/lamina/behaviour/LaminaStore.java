package dev.lamina.behaviour;

import dev.lamina.testing.Daemon;
import dev.lamina.testing.Tree;
import dev.lamina.testing.TreeState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A store of its own, used through the program.
 *
 * @param root for {@code --root}
 */
record LaminaStore(Path root) {
  /** Runs a command, which must succeed, and returns what it printed. */
  String run(String... arguments) {
    List<String> all = new ArrayList<>(List.of("--root", root.toString()));
    all.addAll(Arrays.asList(arguments));
    return Lamina.run(all.toArray(String[]::new)).succeed().out().trim();
  }

  /** What skopeo calls an image of this store. */
  String inPlace(String name) {
    return "oci:" + root.resolve("images") + ":" + name + ":latest";
  }

  /** The tree of an image as its mount shows it. */
  Map<String, String> tree(String image, Path mountPoint) {
    run("mount", "--read-only", "--name", "seen", image, mountPoint.toString());
    try {
      return lines(mountPoint.toString());
    } finally {
      umount(mountPoint);
    }
  }

  /** Until the mount's name and its upper can be used again. */
  void umount(Path mountPoint) {
    run("umount", mountPoint.toString());
    Daemon.awaitNone(mountPoint);
  }

  /** All of a tree, hard links too. */
  static Map<String, String> lines(String directory) {
    return TreeState.of(new Tree(directory)).lines(path -> 0);
  }
}
