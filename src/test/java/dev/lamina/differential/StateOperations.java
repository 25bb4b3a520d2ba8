package dev.lamina.differential;

import java.util.Map;
import java.util.TreeSet;

/** Operations that change who acts, start over, or watch another operation. */
final class StateOperations {
  private StateOperations() {}

  record Umask(int mask) implements Operation {
    @Override
    public Facts execute(World world) {
      world.identity().umask(mask);
      return new Facts();
    }

    @Override
    public String toString() {
      return Operation.line("umask", Operation.octal(mask));
    }
  }

  record Become(int uid, int gid) implements Operation {
    @Override
    public Facts execute(World world) {
      world.identity().become(uid, gid);
      return new Facts();
    }

    @Override
    public String toString() {
      return Operation.line("become", uid + ":" + gid);
    }
  }

  /** Unmounts and mounts again; the tree and the inode numbers must be those of before. */
  record Remount() implements Operation {
    @Override
    public Facts execute(World world) {
      TreeImage before = world.view();
      world.remount();
      TreeImage after = world.view();
      Facts facts = new Facts();
      TreeSet<String> paths = new TreeSet<>(before.files().keySet());
      paths.addAll(after.files().keySet());
      boolean kept = true;
      for (String path : paths) {
        compare(path, before.files().get(path), after.files().get(path), facts);
        Long ino = before.inodes().get(path);
        kept &= ino != null && ino.equals(after.inodes().get(path));
      }
      return facts.put("ino-kept", kept ? "yes" : "no");
    }

    private static void compare(String path, Facts before, Facts after, Facts facts) {
      if (before == null || after == null) {
        facts.put("changed: " + path, before + " -> " + after);
        return;
      }
      TreeSet<String> names = new TreeSet<>(before.asMap().keySet());
      names.addAll(after.asMap().keySet());
      Map<String, String> now = after.asMap();
      for (String name : names) {
        String old = before.get(name);
        if (old == null || !old.equals(now.get(name))) {
          facts.put("changed: " + path + ": " + name, old + " -> " + now.get(name));
        }
      }
    }

    @Override
    public String toString() {
      return "remount";
    }
  }

  /** Another operation, with a look at the inode number before and after it. */
  record Watched(Operation operation, Location before, Location after) implements Operation {
    @Override
    public Facts execute(World world) {
      long old = world.inode(before);
      Facts facts = operation.execute(world);
      long now = world.inode(after);
      if (old < 0 || now < 0) {
        facts.put(
            "ino-kept", Facts.result(Math.min(old, 0)) + " " + Facts.result(Math.min(now, 0)));
      } else {
        facts.put("ino-kept", old == now ? "yes" : "no");
      }
      return facts;
    }

    @Override
    public String kind() {
      return operation.kind();
    }

    @Override
    public String toString() {
      return operation + "   # inode number kept?";
    }
  }
}
