package dev.lamina.union.listing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.fuse.DirectoryReply;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.NameHash;
import dev.lamina.union.InProcess;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A reader continues where it stopped, even if names with the same hash have come and gone. */
class CookieTest {
  private static final long ROOT = FuseFileSystem.ROOT;

  /** Names to choose from, some three of which have the same hash as far as cookies contain it. */
  private static final int MANY = 2_000_000;

  private static final int HASH_SHIFT = CookieSlots.BITS + 1;

  /** More directories than have their listing kept. */
  private static final int DIRECTORIES = 40;

  /** Three names with the same hash. */
  private static List<String> same;

  @BeforeAll
  static void findNames() {
    long[] hashes = new long[MANY];
    for (int i = 0; i < MANY; i++) {
      hashes[i] = (long) (NameHash.of(name(i).getBytes(ISO_8859_1)) >>> HASH_SHIFT) << 32 | i;
    }
    Arrays.sort(hashes);
    for (int i = 0; i + 2 < MANY && same == null; i++) {
      if (hashes[i] >>> 32 == hashes[i + 2] >>> 32) {
        List<String> names =
            List.of(name((int) hashes[i]), name((int) hashes[i + 1]), name((int) hashes[i + 2]));
        // The whole hash is longer, so fewer names have it in common.
        same = names.stream().map(CookieTest::cookie).distinct().count() == 3 ? names : null;
      }
    }
  }

  private static int cookie(String name) {
    return NameHash.of(name.getBytes(ISO_8859_1)) >>> 1;
  }

  private static String name(int index) {
    return "n" + index;
  }

  /** A reader that has not opened the directory, as with the kernel transport. */
  private static final class Reader {
    private final InProcess union;
    private final List<String> seen = new ArrayList<>();
    private long offset;

    Reader(InProcess union) {
      this.union = union;
    }

    /** Reads up to and including a name; to the end if it is null. */
    Reader readTo(String last) throws ErrnoException {
      boolean[] isDone = new boolean[1];
      DirectoryReply reply =
          (array, from, length, ino, type, next) -> {
            if (isDone[0]) {
              return false;
            }
            String name = new String(array, from, length, ISO_8859_1);
            if (!name.equals(".") && !name.equals("..")) {
              seen.add(name);
            }
            offset = next;
            isDone[0] = name.equals(last);
            return true;
          };
      union.fileSystem.readdir(union.context, ROOT, FuseFileSystem.NO_HANDLE, offset, reply);
      return this;
    }
  }

  private static InProcess filled(String... names) throws Exception {
    InProcess union = new InProcess(1, 100);
    for (String name : names) {
      Files.createFile(union.lower(0).resolve(name));
    }
    for (int i = 0; i < 20; i++) {
      Files.createFile(union.lower(0).resolve("other" + i));
    }
    return union.mount();
  }

  private static void unlink(InProcess union, String name) throws ErrnoException {
    union.fileSystem.unlink(union.context, ROOT, InProcess.bytes(name));
  }

  /** A change by others causes a new listing, in which this reader continues. */
  private static List<String> goOn(InProcess union, Reader reader) throws ErrnoException {
    new Reader(union).readTo(null);
    return reader.readTo(null).seen.stream().filter(same::contains).toList();
  }

  @Test
  void whenTheFirstIsGoneTheSecondFollows() throws Exception {
    try (InProcess union = filled(same.get(0), same.get(1))) {
      List<String> all = new Reader(union).readTo(null).seen;
      String first = all.stream().filter(same::contains).findFirst().orElseThrow();
      Reader reader = new Reader(union).readTo(first);
      unlink(union, first);
      assertEquals(
          List.of(same.get(0), same.get(1)),
          goOn(union, reader).stream()
              .sorted((one, other) -> same.indexOf(one) - same.indexOf(other))
              .toList());
      assertEquals(22, reader.seen.size());
    }
  }

  @Test
  void oneThatComesRepeatsNone() throws Exception {
    for (String newcomer : same) {
      List<String> old = same.stream().filter(name -> !name.equals(newcomer)).toList();
      try (InProcess union = filled(old.toArray(String[]::new))) {
        List<String> all = new Reader(union).readTo(null).seen;
        String first = all.stream().filter(same::contains).findFirst().orElseThrow();
        Reader reader = new Reader(union).readTo(first);
        union.create(ROOT, newcomer, "");
        List<String> seen = goOn(union, reader);
        for (String name : old) {
          assertEquals(1, seen.stream().filter(name::equals).count(), name + " in " + seen);
        }
      }
    }
  }

  @Test
  void oneThatWasAloneIsNotRepeated() throws Exception {
    for (String newcomer : same) {
      for (String alone : same) {
        if (!alone.equals(newcomer)) {
          try (InProcess union = filled(alone)) {
            Reader reader = new Reader(union).readTo(alone);
            union.create(ROOT, newcomer, "");
            List<String> seen = goOn(union, reader);
            assertEquals(1, seen.stream().filter(alone::equals).count());
          }
        }
      }
    }
  }

  /** Other directories are read meanwhile, so that the listing of this one is not kept. */
  @Test
  void oneThatWasAloneIsNotRepeatedWithoutItsListing() throws Exception {
    for (String newcomer : same) {
      for (String alone : same) {
        if (!alone.equals(newcomer)) {
          try (InProcess union = new InProcess(1, 100)) {
            Files.createFile(union.lower(0).resolve(alone));
            for (int i = 0; i < DIRECTORIES; i++) {
              Files.createDirectory(union.lower(0).resolve("d" + i));
            }
            union.mount();
            Reader reader = new Reader(union).readTo(alone);
            for (int i = 0; i < DIRECTORIES; i++) {
              long nodeid = union.lookup(ROOT, "d" + i).nodeid;
              union.fileSystem.readdir(
                  union.context,
                  nodeid,
                  FuseFileSystem.NO_HANDLE,
                  0,
                  (array, from, length, ino, type, next) -> true);
            }
            union.create(ROOT, newcomer, "");
            List<String> seen = reader.readTo(null).seen;
            assertEquals(1, seen.stream().filter(alone::equals).count(), alone + " " + newcomer);
          }
        }
      }
    }
  }

  @Test
  void theySurviveEachOther() throws Exception {
    try (InProcess union = filled(same.toArray(String[]::new))) {
      List<String> all = new Reader(union).readTo(null).seen;
      List<String> order = all.stream().filter(same::contains).toList();
      assertEquals(3, order.size());
      Reader reader = new Reader(union).readTo(order.get(1));
      unlink(union, order.get(0));
      new Reader(union).readTo(null);
      unlink(union, order.get(1));
      new Reader(union).readTo(null);
      union.create(ROOT, order.get(1), "");
      List<String> seen = goOn(union, reader);
      assertEquals(order, seen);
    }
  }

  @Test
  void cookiesAreOfOneSign() throws Exception {
    try (InProcess union = filled(same.toArray(String[]::new))) {
      long[] last = {2};
      DirectoryReply reply =
          (array, from, length, ino, type, next) -> {
            if (array[from] != '.') {
              assertTrue(next > last[0] && next <= Integer.MAX_VALUE, last[0] + " " + next);
              last[0] = next;
            }
            return true;
          };
      union.fileSystem.readdir(union.context, ROOT, FuseFileSystem.NO_HANDLE, 0, reply);
    }
  }
}
