package dev.lamina.union;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.lamina.fuse.DirectoryPlusReply;
import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.OpenFlags;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests which attributes a listing contains (READDIRPLUS). */
class ListingPlusTest {
  private static final long ROOT = FuseFileSystem.ROOT;

  /** The listed names with attributes, which are those that the kernel does not know yet. */
  private static Map<String, EntryReply> listPlus(InProcess union) throws ErrnoException {
    Map<String, EntryReply> entries = new HashMap<>();
    long handle = FuseFileSystem.NO_HANDLE;
    union.fileSystem.readdirplus(
        union.context,
        ROOT,
        handle,
        0,
        new DirectoryPlusReply() {
          @Override
          public boolean hasRoom(int nameLength) {
            return true;
          }

          @Override
          public void addPlus(
              byte[] names, int offset, int length, long ino, int type, long next, EntryReply of) {
            EntryReply copy = null;
            if (of != null) {
              copy = new EntryReply();
              copy.nodeid = of.nodeid;
              copy.stat.size = of.stat.size;
            }
            entries.put(new String(names, offset, length, ISO_8859_1), copy);
          }

          @Override
          public boolean add(byte[] names, int offset, int length, long ino, int type, long next) {
            throw new AssertionError("an entry without room for attributes");
          }
        });
    return entries;
  }

  @Test
  void aListingTellsTheKernelNothingItKnowsOfLowerLayers() throws Exception {
    try (InProcess union = new InProcess(1, 100)) {
      Files.writeString(union.lower(0).resolve("known"), "known");
      Files.writeString(union.lower(0).resolve("unknown"), "not known");
      union.mount();
      long known = union.lookup(ROOT, "known").nodeid;
      long upper = union.create(ROOT, "upper", "x");
      Map<String, EntryReply> entries = listPlus(union);
      assertEquals(Set.of(".", "..", "known", "unknown", "upper"), entries.keySet());
      assertNull(entries.get("known"));
      assertEquals(9, entries.get("unknown").stat.size);
      assertEquals(upper, entries.get("upper").nodeid);
      // There is one lookup: the listing has not counted any.
      union.forget(known);
      assertEquals(5, listPlus(union).get("known").stat.size);
      // The attributes of a file that was copied up are listed again.
      union.fileSystem.release(
          union.context, 0, union.open(entries.get("unknown").nodeid, OpenFlags.O_RDWR));
      assertEquals(9, listPlus(union).get("unknown").stat.size);
    }
  }
}
