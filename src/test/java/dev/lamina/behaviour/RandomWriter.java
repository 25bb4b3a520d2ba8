package dev.lamina.behaviour;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.testing.Tree;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import java.util.function.Predicate;

/**
 * Changes a tree at random until its mount dies, and knows what must then be in it: everything that
 * was done, and of the one change that was under way all or nothing.
 */
final class RandomWriter extends Thread {
  /** What a request gets that was being answered when the daemon was killed. */
  private static final String MISSING = "missing";

  private static final String DIRECTORY = "directory";
  private static final String FILE = "file ";
  private static final String LINK = "link ";

  private final Tree tree;
  private final String label;
  private final Random random;
  private int counter;
  private volatile int steps;
  private boolean dead;
  private Throwable failure;

  /** What each path is; a file with its contents. */
  private final Map<String, String> done;

  /** What the call under way changes; empty when there is none. */
  private Map<String, String> underWay = Map.of();

  /**
   * @param label in the names it makes; different from any writer's that was here before
   */
  RandomWriter(Tree tree, String label, long seed) {
    super("writer");
    setDaemon(true);
    this.tree = tree;
    this.label = label;
    random = new Random(seed);
    done = scan();
  }

  private Map<String, String> scan() {
    Map<String, String> found = new TreeMap<>();
    scan("", found);
    return found;
  }

  private void scan(String directory, Map<String, String> found) {
    for (String name : tree.list(directory)) {
      String path = directory.isEmpty() ? name : directory + "/" + name;
      Stat stat = tree.stat(path);
      if (stat.isDirectory()) {
        found.put(path, DIRECTORY);
        scan(path, found);
      } else {
        found.put(path, stat.isSymlink() ? LINK + tree.readlink(path) : FILE + tree.read(path));
      }
    }
  }

  /** Number of changes that were done. */
  int steps() {
    return steps;
  }

  /** Fails unless the death of the mount ended it. */
  void assertStopped() {
    if (failure != null) {
      throw new AssertionError("the writer failed", failure);
    }
  }

  /** Fails unless the tree is what it must be. */
  void assertKept() {
    Map<String, String> found = scan();
    Map<String, String> other = with(underWay);
    if (!found.equals(done) && !found.equals(other)) {
      StringBuilder difference = new StringBuilder();
      with(found)
          .keySet()
          .forEach(
              path -> {
                String actual = found.getOrDefault(path, MISSING);
                String expected = done.getOrDefault(path, MISSING);
                if (!actual.equals(expected)) {
                  difference.append('\n').append(path).append(": ").append(shortened(actual));
                  difference.append(", expected ").append(shortened(expected));
                  difference.append(" or ").append(shortened(other.getOrDefault(path, MISSING)));
                }
              });
      throw new AssertionError("after " + steps + " changes " + tree + " is wrong:" + difference);
    }
  }

  private static String shortened(String state) {
    String start = state.substring(0, Math.min(60, state.length()));
    return start + " (" + state.length() + ", " + state.hashCode() + ")";
  }

  private Map<String, String> with(Map<String, String> changes) {
    Map<String, String> all = new TreeMap<>(done);
    all.putAll(changes);
    all.values().removeIf(MISSING::equals);
    return all;
  }

  @Override
  public void run() {
    try {
      while (!dead) {
        change();
      }
    } catch (RuntimeException | AssertionError e) {
      failure = e;
    }
  }

  /**
   * Whether a call has failed because the daemon has ended. Until the kernel has taken its rings
   * down, which is not done when the process has gone, it is ECANCELED or ECONNABORTED.
   */
  static boolean isOfDeadMount(int result) {
    return result == -Errno.ENOTCONN || result == -Errno.ECONNABORTED || result == -Errno.ECANCELED;
  }

  /**
   * Makes one call.
   *
   * @param changes what paths become when it succeeds
   * @return its value, negative when the change was refused or the mount is dead
   */
  private int step(Map<String, String> changes, IntSupplier call) {
    underWay = changes;
    int result = call.getAsInt();
    if (isOfDeadMount(result)) {
      dead = true;
      return result;
    }
    // A directory with lower contents is not renamed.
    if (result != -Errno.EXDEV) {
      Tree.ok(result);
      steps++;
      done.putAll(changes);
      done.values().removeIf(MISSING::equals);
    }
    underWay = Map.of();
    return result;
  }

  private void change() {
    String file = pick(state -> state.startsWith(FILE));
    String directory = pick(DIRECTORY::equals);
    String fresh = (directory == null ? "" : directory + "/") + "n" + label + counter++;
    switch (random.nextInt(10)) {
      case 0, 1 -> create(fresh);
      case 2, 3 -> append(file);
      case 4 -> replace(file);
      case 5 -> unlink(file);
      case 6 -> rename(file, random.nextBoolean() ? fresh : pick(s -> s.startsWith(FILE)));
      case 7 -> moveOrEmpty(directory, fresh);
      case 8 -> link(file, fresh);
      default -> attributes(file, fresh);
    }
  }

  private String pick(Predicate<String> wanted) {
    List<String> paths =
        done.keySet().stream().filter(path -> wanted.test(done.get(path))).toList();
    return paths.isEmpty() ? null : paths.get(random.nextInt(paths.size()));
  }

  private void create(String path) {
    int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL;
    int fd = step(Map.of(path, FILE), () -> tree.open(path, flags, 0644));
    write(path, fd, "", "made " + path);
  }

  private void append(String path) {
    if (path != null) {
      int flags = OpenFlags.O_WRONLY | OpenFlags.O_APPEND;
      int fd = step(Map.of(), () -> tree.open(path, flags));
      write(path, fd, done.get(path).substring(FILE.length()), " and more " + steps);
    }
  }

  private void replace(String path) {
    if (path != null) {
      int flags = OpenFlags.O_WRONLY | OpenFlags.O_TRUNC;
      int fd = step(Map.of(path, FILE), () -> tree.open(path, flags));
      write(path, fd, "", "replaced " + steps);
    }
  }

  private void write(String path, int fd, String before, String more) {
    if (fd < 0) {
      return;
    }
    step(Map.of(path, FILE + before + more), () -> Tree.tryPwrite(fd, more, before.length()));
    if (!dead && random.nextInt(4) == 0) {
      step(Map.of(), () -> Linux.fsync(fd));
    }
    // Everything is written; what a dead mount says about it does not count.
    Linux.close(fd);
  }

  private void unlink(String path) {
    if (path != null) {
      step(Map.of(path, MISSING), () -> tree.unlink(path));
    }
  }

  private void rename(String path, String target) {
    if (path != null && !path.equals(target)) {
      Map<String, String> changes = Map.of(path, MISSING, target, done.get(path));
      step(changes, () -> tree.rename(path, target));
    }
  }

  /** A directory is renamed, or removed with all in it and made anew. */
  private void moveOrEmpty(String directory, String fresh) {
    if (directory == null) {
      step(Map.of(fresh, DIRECTORY), () -> tree.mkdir(fresh, 0755));
      return;
    }
    List<String> below =
        done.keySet().stream().filter(path -> path.startsWith(directory + "/")).toList();
    if (random.nextBoolean()) {
      String target = "m" + label + counter;
      Map<String, String> changes = new TreeMap<>(Map.of(directory, MISSING, target, DIRECTORY));
      for (String path : below) {
        changes.put(path, MISSING);
        changes.put(target + path.substring(directory.length()), done.get(path));
      }
      step(changes, () -> tree.rename(directory, target));
      return;
    }
    // What is in a directory comes after it in the list.
    for (int i = below.size() - 1; i >= 0 && !dead; i--) {
      String path = below.get(i);
      boolean isDirectory = done.get(path).equals(DIRECTORY);
      step(Map.of(path, MISSING), () -> isDirectory ? tree.rmdir(path) : tree.unlink(path));
    }
    if (!dead) {
      step(Map.of(directory, MISSING), () -> tree.rmdir(directory));
    }
    if (!dead) {
      step(Map.of(directory, DIRECTORY), () -> tree.mkdir(directory, 0755));
    }
  }

  /** A link of one or the other kind. A hard link goes with a name given up: nothing is shared. */
  private void link(String file, String fresh) {
    if (file == null || random.nextBoolean()) {
      step(Map.of(fresh, LINK + "to " + steps), () -> tree.symlink("to " + steps, fresh));
    } else {
      step(Map.of(fresh, done.get(file)), () -> tree.link(file, fresh));
      if (!dead) {
        unlink(file);
      }
    }
  }

  /** Copies up without a change that {@link #scan} sees; or one more directory. */
  private void attributes(String file, String fresh) {
    if (file == null || random.nextBoolean()) {
      step(Map.of(fresh, DIRECTORY), () -> tree.mkdir(fresh, 0755));
    } else {
      step(Map.of(), () -> tree.chmod(file, Mode.PERMISSIONS & random.nextInt(0600, 0700)));
    }
  }
}
