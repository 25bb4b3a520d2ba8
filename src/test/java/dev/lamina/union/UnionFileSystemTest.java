package dev.lamina.union;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.fuse.AttrReply;
import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.MountException;
import dev.lamina.fuse.OpenReply;
import dev.lamina.fuse.RequestContext;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Waiting;
import dev.lamina.union.data.PassthroughPolicy;
import dev.lamina.union.inode.Xino;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Tests what a transport relies on: lookup counts, handles, descriptors, threads. */
class UnionFileSystemTest {
  private static final long ROOT = FuseFileSystem.ROOT;
  private static final long MANY = 1000;

  private InProcess union;

  @AfterEach
  void close() {
    if (union != null) {
      union.close();
    }
  }

  private static int errnoOf(Executable action) {
    return assertThrows(ErrnoException.class, action).errno();
  }

  @Test
  void aNameThatIsNotThereIsANegativeEntry() throws Exception {
    union = new InProcess(1, MANY).mount();
    assertTrue(union.lookup(ROOT, "missing").isNegative());
    assertTrue(union.lookup(ROOT, ".wh.missing").isNegative());
    assertEquals(Errno.ENAMETOOLONG, errnoOf(() -> union.lookup(ROOT, "n".repeat(256))));
    assertEquals(1, union.fileSystem.knownInodes());
  }

  @Test
  void anInodeLivesAsLongAsItsLookupsAndChildren() throws Exception {
    union = new InProcess(1, MANY);
    Files.createDirectories(union.lower(0).resolve("a/b"));
    union.mount();
    EntryReply a = union.lookup(ROOT, "a");
    EntryReply b = union.lookup(a.nodeid, "b");
    assertEquals(a.nodeid, union.lookup(ROOT, "a").nodeid);
    union.fileSystem.forget(a.nodeid, 2);
    assertEquals(3, union.fileSystem.knownInodes(), "the child keeps its directory");
    assertEquals(b.nodeid, union.lookup(union.lookup(ROOT, "a").nodeid, "b").nodeid);
    union.fileSystem.forget(b.nodeid, 2);
    union.fileSystem.forget(a.nodeid, 1);
    assertEquals(1, union.fileSystem.knownInodes());
    assertNotEquals(a.nodeid, union.lookup(ROOT, "a").nodeid, "a nodeid is not used again");
  }

  @Test
  void forgettingMoreThanWasCountedDoesNoHarm() throws Exception {
    union = new InProcess(1, MANY);
    Files.createDirectories(union.lower(0).resolve("a"));
    union.mount();
    EntryReply a = union.lookup(ROOT, "a");
    union.fileSystem.forget(a.nodeid, 100);
    union.fileSystem.forget(a.nodeid, 1);
    union.fileSystem.forget(ROOT, 100);
    assertEquals(1, union.fileSystem.knownInodes());
    assertFalse(union.lookup(ROOT, "a").isNegative());
  }

  @Test
  void anUnknownNodeidIsStale() throws Exception {
    union = new InProcess(1, MANY).mount();
    AttrReply reply = new AttrReply();
    assertEquals(
        Errno.ESTALE, errnoOf(() -> union.fileSystem.getattr(union.context, 12345, -1, reply)));
    assertEquals(Errno.EBADF, errnoOf(() -> union.read(ROOT, 99)));
    union.fileSystem.release(union.context, ROOT, 99);
  }

  @Test
  void aReaderThatCameFirstSeesWhatIsWrittenLater() throws Exception {
    union = new InProcess(1, MANY);
    Files.writeString(union.lower(0).resolve("log"), "old");
    union.mount();
    EntryReply log = union.lookup(ROOT, "log");
    long number = log.stat.ino;
    long reader = union.open(log.nodeid, OpenFlags.O_RDONLY);
    assertEquals("old", union.read(log.nodeid, reader));
    long writer = union.open(log.nodeid, OpenFlags.O_RDWR);
    union.write(log.nodeid, writer, "new");
    assertEquals("new", union.read(log.nodeid, reader));
    assertEquals(Errno.EBADF, errnoOf(() -> union.write(log.nodeid, reader, "x")));
    assertEquals(number, union.lookup(ROOT, "log").stat.ino);
    assertEquals("old", Files.readString(union.lower(0).resolve("log")));
  }

  @Test
  void aFileUnlinkedDuringItsLifeStaysReadableAndWritable() throws Exception {
    union = new InProcess(1, MANY);
    Files.writeString(union.lower(0).resolve("f"), "lower");
    union.mount();
    EntryReply f = union.lookup(ROOT, "f");
    long reader = union.open(f.nodeid, OpenFlags.O_RDONLY);
    union.fileSystem.unlink(union.context, ROOT, InProcess.bytes("f"));
    assertTrue(union.lookup(ROOT, "f").isNegative());
    long writer = union.open(f.nodeid, OpenFlags.O_RDWR);
    union.write(f.nodeid, writer, "still");
    assertEquals("still", union.read(f.nodeid, reader));
    AttrReply reply = new AttrReply();
    union.fileSystem.getattr(union.context, f.nodeid, -1, reply);
    assertEquals(0, reply.stat.nlink);
    assertEquals(List.of(), union.list(ROOT));
  }

  /** The offsets of the entries that {@link #read} has returned last. */
  private final List<Long> offsets = new ArrayList<>();

  private List<String> read(long nodeid, long handle, long offset) throws ErrnoException {
    List<String> names = new ArrayList<>();
    offsets.clear();
    union.fileSystem.readdir(
        union.context,
        nodeid,
        handle,
        offset,
        (array, from, length, ino, type, next) -> {
          offsets.add(next);
          return names.add(new String(array, from, length, StandardCharsets.ISO_8859_1));
        });
    return names;
  }

  @Test
  void anIterationStaysWhatItWasUntilItBeginsAgain() throws Exception {
    union = new InProcess(1, MANY);
    for (String name : List.of("a", "b", "c")) {
      Files.createFile(union.lower(0).resolve(name));
    }
    union.mount();
    OpenReply one = new OpenReply();
    OpenReply other = new OpenReply();
    union.fileSystem.opendir(union.context, ROOT, 0, one);
    union.fileSystem.opendir(union.context, ROOT, 0, other);
    List<String> before = read(ROOT, one.handle, 0);
    long afterThree = offsets.get(2);
    assertEquals(before, read(ROOT, other.handle, 0));
    union.fileSystem.unlink(union.context, ROOT, InProcess.bytes("a"));
    union.create(ROOT, "d", "");
    assertEquals(before.subList(1, 5), read(ROOT, one.handle, 1));
    assertEquals(Set.of(".", "..", "b", "c", "d"), Set.copyOf(read(ROOT, other.handle, 0)));
    assertEquals(before.subList(3, 5), read(ROOT, one.handle, afterThree));
    assertEquals(read(ROOT, other.handle, 0), read(ROOT, one.handle, 0));
    assertEquals(1, union.fileSystem.openDirectories());
    union.fileSystem.releasedir(union.context, ROOT, one.handle);
    union.fileSystem.releasedir(union.context, ROOT, other.handle);
    union.fileSystem.releasedir(union.context, ROOT, other.handle);
    assertEquals(0, union.fileSystem.openDirectories());
  }

  @Test
  void moreDirectoriesThanDescriptors() throws Exception {
    union = new InProcess(2, 20);
    for (int i = 0; i < 200; i++) {
      Files.createDirectories(union.lower(i % 2).resolve("d" + i + "/e/f"));
    }
    union.mount();
    long before = InProcess.openDescriptors();
    List<Long> known = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      long parent = ROOT;
      for (String name : List.of("d" + i, "e", "f")) {
        EntryReply entry = union.lookup(parent, name);
        known.add(entry.nodeid);
        parent = entry.nodeid;
      }
      union.create(parent, "new", "x");
    }
    assertTrue(InProcess.openDescriptors() - before <= 12, "open at once");
    for (int i = 0; i < 200; i++) {
      assertEquals(List.of("new"), union.list(known.get(3 * i + 2)));
    }
  }

  @Test
  void aTreeDeeperThanPathsStacksAndDescriptorsReach() throws Exception {
    union = new InProcess(1, 20).mount();
    long before = InProcess.openDescriptors();
    List<Long> nodes = new ArrayList<>(List.of(ROOT));
    byte[] name = InProcess.bytes("d");
    for (int i = 0; i < 20_000; i++) {
      EntryReply entry = new EntryReply();
      long parent = nodes.get(nodes.size() - 1);
      union.fileSystem.mkdir(union.context, parent, name, 0755, entry);
      nodes.add(entry.nodeid);
    }
    // By now all but the last few are closed; each lookup opens the path to its directory again.
    for (int depth : new int[] {700, 19_999}) {
      assertEquals(List.of("d"), union.list(nodes.get(depth)));
      assertTrue(InProcess.openDescriptors() - before <= 12, "open at once");
    }
    // The kernel may forget in any order. Here it forgets parents first: the last one frees all.
    for (int i = 1; i < nodes.size(); i++) {
      union.forget(nodes.get(i));
    }
    assertEquals(1, union.fileSystem.knownInodes());
  }

  @Test
  void anEndedMountHoldsNothing() throws Exception {
    // Classes and native code open some descriptors permanently, in the first round.
    long before = 0;
    for (int round = 0; round < 2; round++) {
      try (InProcess one = new InProcess(2, MANY)) {
        Files.createDirectories(one.lower(1).resolve("a/b"));
        Files.writeString(one.lower(1).resolve("a/b/c"), "x");
        if (round == 1) {
          before = InProcess.openDescriptors();
        }
        one.mount();
        EntryReply c = one.walk("a/b/c");
        one.open(c.nodeid, OpenFlags.O_RDONLY);
        one.open(c.nodeid, OpenFlags.O_RDWR);
        one.fileSystem.unlink(one.context, one.walk("a/b").nodeid, InProcess.bytes("c"));
        one.unmount();
        if (round == 1) {
          // There may be fewer if the collector has closed one of the virtual machine's own.
          assertFalse(InProcess.hasMoreDescriptors(before), "left open");
        }
      }
    }
    union = new InProcess(1, MANY);
  }

  @Test
  void namesAreTakenFromTheLayersAgainAfterForget() throws Exception {
    union = new InProcess(1, MANY);
    Files.createDirectories(union.lower(0).resolve("d"));
    Files.writeString(union.lower(0).resolve("d/f"), "x");
    union.mount();
    EntryReply d = union.lookup(ROOT, "d");
    EntryReply f = union.lookup(d.nodeid, "f");
    long number = f.stat.ino;
    union.fileSystem.release(union.context, f.nodeid, union.open(f.nodeid, OpenFlags.O_RDWR));
    union.forget(f.nodeid);
    union.forget(d.nodeid);
    assertEquals(1, union.fileSystem.knownInodes());
    assertEquals(number, union.walk("d/f").stat.ino, "kept with the copy");
    union.unmount();
    union.mount();
    assertEquals(number, union.walk("d/f").stat.ino, "kept after a remount");
  }

  /** The kernel sends this request only over virtiofs and for block devices. */
  @Test
  void theUppersFileSystemIsWrittenOut() throws Exception {
    union = new InProcess(1, MANY).mount(false);
    union.fileSystem.syncfs(union.context, ROOT);
    union.unmount();
    union.mount(true);
    union.fileSystem.syncfs(union.context, ROOT);
  }

  @Test
  void theUpperIsForOneMountAtATime() throws Exception {
    union = new InProcess(1, MANY).mount();
    UnionConfig config =
        new UnionConfig(
            List.of(InProcess.bytes("" + union.lower(0))),
            InProcess.bytes("" + union.upper()),
            InProcess.bytes("" + union.work()),
            false,
            PassthroughPolicy.Choice.AUTO,
            -1,
            Xino.AUTO);
    String message =
        assertThrows(MountException.class, () -> UnionSetup.open(config, MANY)).getMessage();
    assertTrue(message.contains("in use") && message.contains("" + union.upper()), message);
    assertNull(message.lines().skip(1).findFirst().orElse(null));
  }

  @Test
  void threadsThatChangeOneTreeAgreeAboutIt() throws Exception {
    union = new InProcess(2, 60);
    for (int i = 0; i < 8; i++) {
      Path directory = Files.createDirectories(union.lower(i % 2).resolve("d" + i % 4));
      Files.writeString(directory.resolve("f" + i), "content");
    }
    union.mount();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> done = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        Worker worker = new Worker(union, t);
        done.add(threads.submit(worker::run));
      }
      for (Future<?> one : done) {
        Waiting.result("a thread", one);
      }
    } finally {
      threads.shutdownNow();
    }
    assertEquals(1, union.fileSystem.knownInodes(), "every lookup was given back");
    assertEquals(0, union.fileSystem.openFiles());
    checkTree(ROOT);
  }

  /** A lookup finds everything that a listing shows. */
  private void checkTree(long directory) throws ErrnoException, IOException {
    for (String name : union.list(directory)) {
      EntryReply entry = union.lookup(directory, name);
      assertFalse(entry.isNegative(), name);
      if (entry.stat.isDirectory()) {
        checkTree(entry.nodeid);
      }
      union.forget(entry.nodeid);
    }
  }

  /** Random operations on a few names, as a transport with several threads would pass them on. */
  private static final class Worker {
    private static final int STEPS = 3000;

    private final InProcess union;
    private final Random random;
    private final RequestContext context = new RequestContext();

    Worker(InProcess union, int seed) {
      this.union = union;
      this.random = new Random(seed);
    }

    Void run() throws ErrnoException {
      for (int i = 0; i < STEPS; i++) {
        EntryReply directory = new EntryReply();
        union.fileSystem.lookup(context, ROOT, directoryName(), directory);
        if (directory.isNegative()) {
          tolerate(() -> make(ROOT, directoryName()));
          continue;
        }
        long parent = directory.nodeid;
        tolerate(() -> step(parent));
        union.fileSystem.forget(parent, 1);
      }
      return null;
    }

    private interface Step {
      void run() throws ErrnoException;
    }

    /** An error that another thread's change explains is ignored; any other fails the test. */
    private static void tolerate(Step step) throws ErrnoException {
      try {
        step.run();
      } catch (ErrnoException e) {
        List<Integer> expected =
            List.of(
                Errno.ENOENT,
                Errno.EEXIST,
                Errno.ENOTEMPTY,
                Errno.EXDEV,
                Errno.EISDIR,
                Errno.ENOTDIR,
                Errno.EPERM);
        if (!expected.contains(e.errno())) {
          throw e;
        }
      }
    }

    private byte[] directoryName() {
      return InProcess.bytes("d" + random.nextInt(5));
    }

    private byte[] fileName() {
      return InProcess.bytes("f" + random.nextInt(8));
    }

    private void make(long parent, byte[] name) throws ErrnoException {
      EntryReply made = new EntryReply();
      union.fileSystem.mkdir(context, parent, name, 0755, made);
      union.fileSystem.forget(made.nodeid, 1);
    }

    private void step(long parent) throws ErrnoException {
      switch (random.nextInt(8)) {
        case 0 -> union.fileSystem.unlink(context, parent, fileName());
        case 1 -> union.fileSystem.rmdir(context, ROOT, directoryName());
        case 2 -> renameFile(parent);
        case 3 -> union.fileSystem.rename(context, ROOT, directoryName(), ROOT, directoryName(), 0);
        case 4 -> linkFile(parent);
        case 5 -> writeFile(parent);
        default -> createFile(parent);
      }
    }

    private void renameFile(long parent) throws ErrnoException {
      EntryReply other = new EntryReply();
      union.fileSystem.lookup(context, ROOT, directoryName(), other);
      if (!other.isNegative()) {
        try {
          union.fileSystem.rename(context, parent, fileName(), other.nodeid, fileName(), 0);
        } finally {
          union.fileSystem.forget(other.nodeid, 1);
        }
      }
    }

    /** Links into other directories too, so that one inode is looked up in several at once. */
    private void linkFile(long parent) throws ErrnoException {
      EntryReply file = new EntryReply();
      EntryReply other = new EntryReply();
      union.fileSystem.lookup(context, parent, fileName(), file);
      union.fileSystem.lookup(context, ROOT, directoryName(), other);
      try {
        if (!file.isNegative() && !other.isNegative()) {
          EntryReply made = new EntryReply();
          union.fileSystem.link(context, file.nodeid, other.nodeid, fileName(), made);
          union.fileSystem.forget(made.nodeid, 1);
        }
      } finally {
        union.fileSystem.forget(file.nodeid, 1);
        union.fileSystem.forget(other.nodeid, 1);
      }
    }

    private void writeFile(long parent) throws ErrnoException {
      EntryReply file = new EntryReply();
      union.fileSystem.lookup(context, parent, fileName(), file);
      if (!file.isNegative()) {
        try {
          long handle = union.open(file.nodeid, OpenFlags.O_RDWR);
          union.write(file.nodeid, handle, "changed");
          union.fileSystem.release(context, file.nodeid, handle);
        } finally {
          union.fileSystem.forget(file.nodeid, 1);
        }
      }
    }

    private void createFile(long parent) throws ErrnoException {
      String name = "f" + random.nextInt(8);
      union.fileSystem.forget(union.create(parent, name, "created"), 1);
    }
  }
}
