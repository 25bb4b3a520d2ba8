package dev.lamina.image.layer;

import dev.lamina.sys.Devices;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Tree;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Changes a tree at random. There are few names, so that operations often have the same one; they
 * may fail.
 */
final class RandomChanges {
  private static final String[] NAMES = {"a", "b", "c.d", "\u00e9\u0080", "-e", "long".repeat(62)};
  private static final String[] ATTRIBUTES = {"user.a", "user.b", "trusted.c"};

  private final Tree tree;
  private final Random random;

  RandomChanges(Tree tree, Random random) {
    this.tree = tree;
    this.random = random;
  }

  void make(int count) {
    for (int i = 0; i < count; i++) {
      change();
    }
  }

  private String path() {
    int depth = 1 + random.nextInt(3);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < depth; i++) {
      names.add(NAMES[random.nextInt(NAMES.length)]);
    }
    return String.join("/", names);
  }

  private void change() {
    String path = path();
    switch (random.nextInt(22)) {
      case 0, 1, 2, 3 -> tree.mkdir(path, random.nextInt(4) == 0 ? 0700 : 0755);
      case 4, 5, 6 -> write(path, OpenFlags.O_CREAT | OpenFlags.O_TRUNC);
      case 7 -> write(path, OpenFlags.O_APPEND);
      case 8 -> writeNothing(path);
      case 9, 10 -> remove(path);
      case 11, 12, 13 -> tree.rename(path, path());
      case 14, 15 -> tree.link(path, path());
      case 16 -> tree.symlink(path(), path);
      case 17 -> tree.chmod(path, random.nextInt(01000) | 0400);
      case 18 -> tree.chown(path, random.nextInt(3) * 1_500_000, random.nextInt(3));
      case 19 -> tree.utimens(path, random.nextInt(5) - 2, random.nextInt(3) * 400_000_001);
      case 20 -> attribute(path);
      default -> node(path);
    }
  }

  private void write(String path, int flags) {
    int fd = tree.open(path, OpenFlags.O_WRONLY | OpenFlags.O_NONBLOCK | flags, 0644);
    if (fd >= 0) {
      long offset = random.nextInt(8) == 0 ? 1 << 17 : 0;
      Tree.tryPwrite(fd, "x".repeat(random.nextInt(20)), offset);
      Linux.close(fd);
    }
  }

  /** This copies the file up. */
  private void writeNothing(String path) {
    int fd = tree.open(path, OpenFlags.O_WRONLY | OpenFlags.O_NONBLOCK);
    if (fd >= 0) {
      Linux.close(fd);
    }
  }

  private void remove(String path) {
    if (tree.unlink(path) < 0 && tree.rmdir(path) < 0) {
      Commands.run("rm", "-rf", tree.string(path));
    }
  }

  private void attribute(String path) {
    String name = ATTRIBUTES[random.nextInt(ATTRIBUTES.length)];
    if (random.nextBoolean()) {
      tree.setxattr(path, name, "" + random.nextInt(3));
    } else {
      tree.removexattr(path, name);
    }
  }

  private void node(String path) {
    if (random.nextBoolean()) {
      tree.mknod(path, Mode.S_IFIFO | 0600, 0);
    } else {
      tree.mknod(path, Mode.S_IFCHR | 0600, Devices.make(1, 3 + random.nextInt(2)));
    }
  }
}
