package dev.lamina.union.inode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.layer.NameList;
import dev.lamina.sys.Mode;
import dev.lamina.union.InProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Tests names that a user has chosen so that they collide: all have the same {@code
 * Arrays.hashCode}, as "Aa" and "BB" have. Work that takes time linear in their number is done in a
 * moment; quadratic work would take many times the time-out.
 */
class NameCollisionTest {
  private static final int PAIRS = 19;
  private static final int MANY = 1 << PAIRS;
  private static final int LISTED = 50_000;

  /** Returns a name with two letters for every bit of the index. */
  private static byte[] name(int index) {
    byte[] name = new byte[2 * PAIRS];
    for (int i = 0; i < PAIRS; i++) {
      boolean one = (index >>> i & 1) != 0;
      name[2 * i] = (byte) (one ? 'B' : 'A');
      name[2 * i + 1] = (byte) (one ? 'B' : 'a');
    }
    return name;
  }

  @Test
  void aListHoldsThem() {
    NameList names = new NameList(true);
    for (int i = 0; i < MANY; i++) {
      byte[] name = name(i);
      assertTrue(names.add(name, 0, name.length));
    }
    for (int i = 0; i < MANY; i++) {
      byte[] name = name(i);
      assertFalse(names.add(name, 0, name.length));
    }
    assertEquals(MANY, names.size());
    names.trim();
    assertEquals(
        new String(name(MANY - 1), ISO_8859_1), new String(names.name(MANY - 1), ISO_8859_1));
  }

  @Test
  void theTableFindsThem() {
    InodeTable table = new InodeTable();
    Inode parent = Inode.upper(table.newNodeid(), Mode.S_IFDIR);
    table.addUnnamed(parent);
    Inode[] inodes = new Inode[MANY / 4];
    for (int i = 0; i < inodes.length; i++) {
      inodes[i] = Inode.upper(table.newNodeid(), Mode.S_IFREG);
      table.addNew(inodes[i], parent, name(i));
    }
    for (int i = 0; i < inodes.length; i++) {
      assertSame(inodes[i], table.child(parent, name(i), false));
    }
    for (Inode inode : inodes) {
      table.forget(inode, 1);
    }
    assertEquals(1, table.size());
  }

  /** Each of two layers has one half of the names, and a few are in both. */
  @Test
  void aDirectoryOfThemLists() throws Exception {
    try (InProcess union = new InProcess(2, 1000)) {
      for (int i = 0; i < LISTED; i++) {
        Path layer = union.lower(i % 2);
        Files.createFile(layer.resolve(new String(name(i), ISO_8859_1)));
      }
      for (int i = 0; i < 100; i += 2) {
        Files.createFile(union.lower(1).resolve(new String(name(i), ISO_8859_1)));
      }
      union.mount();
      List<String> names = new ArrayList<>(union.list(FuseFileSystem.ROOT));
      assertEquals(LISTED, names.size());
      assertEquals(LISTED, new HashSet<>(names).size());
    }
  }
}
