package dev.lamina.union.inode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.lamina.sys.Mode;
import dev.lamina.union.InProcess;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InodeTableTest {
  /** Compares the tables with the maps of java.util while they grow and shrink. */
  @Test
  void stripesFindWhatWasPutIn() {
    NodeStripe nodes = new NodeStripe();
    NameStripe names = new NameStripe();
    Inode parent = Inode.upper(1, Mode.S_IFDIR);
    Map<Long, Inode> inodes = new HashMap<>();
    Map<Long, Dentry> dentries = new HashMap<>();
    Random random = new Random(1);
    for (int i = 0; i < 50_000; i++) {
      // In the first half more inodes are added than removed, in the second half fewer.
      long nodeid = 64L * random.nextInt(2000);
      boolean add = random.nextInt(10) < (i < 25_000 ? 7 : 3);
      if (add && !inodes.containsKey(nodeid)) {
        Inode inode = Inode.upper(nodeid, Mode.S_IFREG);
        Dentry dentry = new Dentry(parent, name(nodeid), inode, (int) nodeid / 128);
        nodes.add(inode);
        names.add(dentry);
        inodes.put(nodeid, inode);
        dentries.put(nodeid, dentry);
      } else if (!add && inodes.containsKey(nodeid)) {
        nodes.remove(inodes.remove(nodeid));
        names.remove(dentries.remove(nodeid));
      }
      long other = 64L * random.nextInt(2000);
      assertSame(inodes.get(other), nodes.get(other));
      assertSame(dentries.get(other), names.get((int) other / 128, parent, name(other)));
    }
    assertEquals(inodes.size(), nodes.size);
    assertEquals(inodes.size(), nodes.all().size());
  }

  private static byte[] name(long nodeid) {
    return InProcess.bytes("name" + nodeid);
  }

  @Test
  void aDyingInodesNameIsNotFound() {
    NameStripe names = new NameStripe();
    Inode parent = Inode.upper(1, Mode.S_IFDIR);
    Inode dying = Inode.upper(2, Mode.S_IFREG);
    Dentry old = new Dentry(parent, name(1), dying, 7);
    names.add(old);
    dying.dead = true;
    assertNull(names.get(7, parent, name(1)));
    Dentry fresh = new Dentry(parent, name(1), Inode.upper(3, Mode.S_IFREG), 7);
    names.add(fresh);
    assertSame(fresh, names.get(7, parent, name(1)));
    names.remove(old);
    assertSame(fresh, names.get(7, parent, name(1)));
  }
}
