package dev.lamina.differential;

import dev.lamina.sys.Devices;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Xattrs;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes up a sequence of operations. It knows nothing of their results: the same seed gives the
 * same sequence, on whatever it will run.
 */
final class OperationGenerator {
  private static final int SLOTS = World.SLOTS;

  private final SplittableRandom random;
  private final Choices choices;
  private final LikelyTree tree;
  private final boolean renameFlags;
  private final boolean users;
  private boolean root = true;

  /**
   * @param renameFlags whether the flags of renameat2(2) can be used
   * @param namedAcls whether ACLs may say more than the mode
   * @param users whether other users than root take part
   */
  OperationGenerator(
      SplittableRandom random,
      List<String> names,
      List<List<LayerEntry>> layers,
      boolean renameFlags,
      boolean namedAcls,
      boolean users) {
    this.random = random;
    this.choices = new Choices(random, names, namedAcls);
    this.renameFlags = renameFlags;
    this.users = users;
    this.tree = new LikelyTree(random.split(), LayerRules.visible(layers));
    layers.forEach(layer -> layer.forEach(entry -> choices.remember(entry.at())));
  }

  /**
   * @param remounts how many of the operations are remounts
   */
  List<Operation> sequence(int length, int remounts) {
    List<Operation> operations = new ArrayList<>();
    while (operations.size() < length - remounts) {
      operations.add(next());
    }
    for (int i = 0; i < remounts; i++) {
      operations.add(random.nextInt(operations.size()), new StateOperations.Remount());
    }
    return operations;
  }

  private Operation next() {
    if (users && (!root && choices.oneIn(8) || root && choices.oneIn(40))) {
      root = !root;
      return root
          ? new StateOperations.Become(0, 0)
          : new StateOperations.Become(choices.pick(1000, 1001), choices.pick(1000, 1001));
    }
    int kind = random.nextInt(100);
    if (kind < 32) {
      return onNames();
    }
    if (kind < 46) {
      return open();
    }
    if (kind < 64) {
      return tree.anyOpen() || choices.oneIn(10) ? onHandle() : open();
    }
    if (kind < 77) {
      return onAttributes();
    }
    if (kind < 87) {
      return onXattrs();
    }
    return look();
  }

  /** Where something is, mostly. */
  private Location present() {
    return choices.oneIn(5) ? choices.place() : tree.something(choices.place());
  }

  /** Where something is that is no directory, mostly. */
  private Location file() {
    return choices.oneIn(8) ? present() : tree.file(choices.place());
  }

  /** Where something can be made, mostly: in a directory. */
  private Location target() {
    Location at = choices.childOf(tree.directory());
    for (int i = 0; i < 4 && tree.exists(at); i++) {
      at = choices.childOf(tree.directory());
    }
    return choices.oneIn(5) ? choices.place() : at;
  }

  private Operation onNames() {
    return switch (random.nextInt(20)) {
      case 0, 1, 2, 3 -> {
        Location at = target();
        tree.make(at, true);
        yield new NameOperations.Mkdir(at, choices.mode());
      }
      case 4, 5 -> mknod(target());
      case 6 -> {
        Location at = target();
        tree.make(at, false);
        yield new NameOperations.Symlink(at, choices.linkTarget());
      }
      case 7, 8 -> {
        Location to = target();
        tree.make(to, false);
        yield new NameOperations.Link(file(), to);
      }
      case 9, 10, 11 -> {
        Location at = file();
        tree.remove(at);
        yield new NameOperations.Unlink(at);
      }
      case 12, 13 -> new NameOperations.Rmdir(choices.oneIn(2) ? present() : tree.directory());
      case 14 -> {
        Location at = choices.oneIn(2) ? present() : choices.place();
        tree.remove(at);
        yield new NameOperations.RemoveTree(at);
      }
      case 15 -> new StateOperations.Umask(choices.pick(022, 0, 077, 027, 0777));
      default ->
          rename(choices.oneIn(2) ? file() : present(), choices.oneIn(3) ? present() : target());
    };
  }

  private Operation mknod(Location at) {
    int mode = choices.mode();
    tree.make(at, false);
    return switch (random.nextInt(6)) {
      case 0 -> new NameOperations.Mknod(at, Mode.S_IFIFO | mode, 0);
      case 1 -> new NameOperations.Mknod(at, Mode.S_IFSOCK | mode, 0);
      case 2 -> new NameOperations.Mknod(at, Mode.S_IFCHR | mode, Devices.make(0, 0));
      case 3 -> new NameOperations.Mknod(at, Mode.S_IFCHR | mode, Devices.make(1, 3));
      case 4 -> new NameOperations.Mknod(at, Mode.S_IFBLK | mode, Devices.make(240, 77));
      default -> new NameOperations.Mknod(at, Mode.S_IFREG | mode, 0);
    };
  }

  private Operation rename(Location from, Location to) {
    int flags =
        renameFlags && choices.oneIn(3)
            ? choices.pick(Linux.RENAME_NOREPLACE, Linux.RENAME_EXCHANGE)
            : 0;
    tree.move(from, to);
    Operation rename = new NameOperations.Rename(from, to, flags);
    return choices.oneIn(3) ? new StateOperations.Watched(rename, from, to) : rename;
  }

  private Operation open() {
    int slot = random.nextInt(SLOTS);
    if (choices.oneIn(10)) {
      tree.open(slot);
      int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
      return new HandleOperations.Open(slot, tree.directory(), flags, 0);
    }
    Location at = file();
    boolean create = choices.oneIn(5);
    if (choices.oneIn(4) || !tree.isFile(at)) {
      at = target();
      create = true;
    }
    int flags = choices.pick(OpenFlags.O_RDONLY, OpenFlags.O_WRONLY, OpenFlags.O_RDWR);
    if (create) {
      flags |= OpenFlags.O_CREAT;
      flags |= choices.oneIn(6) ? OpenFlags.O_EXCL : 0;
      tree.make(at, false);
    }
    flags |= choices.oneIn(5) ? OpenFlags.O_TRUNC : 0;
    flags |= choices.oneIn(5) ? OpenFlags.O_APPEND : 0;
    flags |= choices.oneIn(20) ? OpenFlags.O_DIRECTORY : 0;
    flags |= choices.oneIn(2) ? OpenFlags.O_NOFOLLOW : 0;
    if (tree.isFile(at)) {
      tree.open(slot);
    } else {
      tree.close(slot);
    }
    return watched(new HandleOperations.Open(slot, at, flags, choices.mode()), at);
  }

  private Operation onHandle() {
    int slot = tree.slot(SLOTS);
    return switch (random.nextInt(20)) {
      case 0, 1, 2, 3 -> new HandleOperations.Pread(slot, choices.offset(), choices.size());
      case 4, 5, 6, 7 ->
          new HandleOperations.Pwrite(slot, choices.offset(), choices.size(), choices.fill());
      case 8, 9 -> new HandleOperations.Ftruncate(slot, choices.size());
      case 10, 11, 12 -> new HandleOperations.Fstat(slot);
      case 13 -> new HandleOperations.Fchmod(slot, choices.mode());
      case 14 -> new HandleOperations.Fchown(slot, choices.owner(), choices.owner());
      case 15 -> new HandleOperations.Futimens(slot, choices.times());
      case 16 -> new HandleOperations.Fsync(slot);
      case 17 -> new HandleOperations.Freaddir(slot);
      case 18 -> new XattrOperations.Fxattr(slot, "user.handle", choices.value());
      default -> {
        tree.close(slot);
        yield new HandleOperations.Close(slot);
      }
    };
  }

  private Operation onAttributes() {
    if (choices.oneIn(8)) {
      Location at = file();
      return watched(new AttributeOperations.Truncate(at, choices.size()), at);
    }
    Location at = present();
    Operation change =
        switch (random.nextInt(7)) {
          case 0, 1, 2 -> new AttributeOperations.Chmod(at, choices.mode());
          case 3 -> new AttributeOperations.Chown(at, choices.owner(), choices.owner());
          case 4 -> new AttributeOperations.Chown(at, -1, choices.owner());
          default -> new AttributeOperations.Utimens(at, choices.times());
        };
    return watched(change, at);
  }

  private Operation onXattrs() {
    Location at = present();
    String attribute = choices.attribute();
    return switch (random.nextInt(8)) {
      case 0, 1, 2, 3 -> {
        int flags = choices.pick(0, 0, 0, Xattrs.XATTR_CREATE, Xattrs.XATTR_REPLACE);
        String value = choices.valueFor(attribute);
        yield watched(new XattrOperations.Setxattr(at, attribute, value, flags), at);
      }
      case 4 -> new XattrOperations.Getxattr(at, attribute);
      case 5 -> new XattrOperations.Listxattr(at);
      default -> new XattrOperations.Removexattr(at, attribute);
    };
  }

  private Operation look() {
    Location at = present();
    return switch (random.nextInt(12)) {
      case 0, 1, 2, 3, 4, 5 -> new AttributeOperations.Lstat(at);
      case 6, 7, 8, 9 -> new AttributeOperations.Readdir(choices.oneIn(3) ? at : tree.directory());
      case 10 -> new AttributeOperations.Readlink(file());
      default -> new AttributeOperations.Statfs();
    };
  }

  /** Looking changes what a client has cached, so it is not always done. */
  private Operation watched(Operation operation, Location at) {
    return choices.oneIn(3) ? new StateOperations.Watched(operation, at, at) : operation;
  }
}
