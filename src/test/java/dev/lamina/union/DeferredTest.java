package dev.lamina.union;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lamina.fuse.AttrReply;
import dev.lamina.fuse.Capabilities;
import dev.lamina.fuse.DeferredException;
import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.LongWork;
import dev.lamina.fuse.Notifier;
import dev.lamina.fuse.OpenReply;
import dev.lamina.fuse.SetattrRequest;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Tree;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** Tests that each operation that needs a large copy-up waits without a thread and is run again. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DeferredTest {
  private static final long ROOT = FuseFileSystem.ROOT;
  private static final int SIZE = 3 << 20;

  /** Keeps the copying threads from continuing. */
  private CountDownLatch goOn = new CountDownLatch(0);

  /** Waits as the kernel transport does. */
  private final Notifier parking =
      new Notifier() {
        @Override
        public void attributesChanged(long nodeid, long ino) {
          try {
            if (Thread.currentThread().getName().equals("copy")) {
              goOn.await();
            }
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        }

        @Override
        public void await(LongWork work) throws DeferredException {
          throw new DeferredException(work);
        }
      };

  /** Opens what a process opens only once, before descriptors are counted. */
  @BeforeAll
  static void warmUp() throws Exception {
    try (InProcess union = new InProcess(1, 100).mount()) {
      union.forget(union.create(ROOT, "file", "x"));
    }
    InProcess.openDescriptors();
  }

  private InProcess union;
  private long before;
  private long file;

  @BeforeEach
  void mount() throws Exception {
    before = InProcess.openDescriptors();
    union = new InProcess(1, 100);
    Path directory = Files.createDirectories(union.lower(0).resolve("d"));
    for (String name : List.of("file", "other")) {
      try (RandomAccessFile large = new RandomAccessFile("" + directory.resolve(name), "rw")) {
        large.setLength(SIZE);
        large.seek(SIZE / 2);
        large.write('x');
      }
    }
    union.mount();
    union.fileSystem.init(new Capabilities(true, true, true, true, false, false), parking);
    file = union.walk("d/file").nodeid;
  }

  @AfterEach
  void unmount() throws Exception {
    union.forget(file);
    assertEquals(1, union.fileSystem.knownInodes(), "all lookups are given back");
    assertEquals(0, union.fileSystem.openFiles());
    union.unmount();
    assertFalse(InProcess.hasMoreDescriptors(before), "all descriptors are closed");
    try (var left = Files.list(union.work().resolve("work"))) {
      assertEquals(List.of(), left.toList());
    }
    union.close();
  }

  private long directory() throws Exception {
    return union.lookup(ROOT, "d").nodeid;
  }

  /** Runs an operation that has to wait once, holding nothing, and then succeeds. */
  private void waitsOnce(Executable operation) throws Throwable {
    int inodes = union.fileSystem.knownInodes();
    DeferredException deferred = assertThrows(DeferredException.class, operation);
    assertEquals(0, deferred.work().await(() -> false));
    assertEquals(inodes, union.fileSystem.knownInodes());
    assertEquals(0, union.fileSystem.openFiles());
    operation.execute();
  }

  private void open(int flags) throws Exception {
    long handle = union.open(file, flags);
    union.fileSystem.release(union.context, file, handle);
  }

  @Test
  void open() throws Throwable {
    waitsOnce(() -> open(OpenFlags.O_RDWR));
    assertEquals(SIZE, Files.size(union.upper().resolve("d/file")));
  }

  @Test
  void openWithTruncationCopiesNothing() throws Throwable {
    open(OpenFlags.O_WRONLY | OpenFlags.O_TRUNC);
    assertEquals(0, Files.size(union.upper().resolve("d/file")));
  }

  @Test
  void createOfAnExistingFile() throws Throwable {
    long directory = directory();
    EntryReply entry = new EntryReply();
    OpenReply open = new OpenReply();
    waitsOnce(
        () ->
            union.fileSystem.create(
                union.context,
                directory,
                InProcess.bytes("other"),
                0644,
                OpenFlags.O_RDWR,
                entry,
                open));
    union.fileSystem.release(union.context, entry.nodeid, open.handle);
    union.forget(entry.nodeid);
    union.forget(directory);
  }

  private void change(SetattrRequest request) throws Exception {
    union.fileSystem.setattr(union.context, file, request, new AttrReply());
  }

  @Test
  void mode() throws Throwable {
    SetattrRequest request = new SetattrRequest();
    request.clear();
    request.setMode = true;
    request.mode = 0600;
    waitsOnce(() -> change(request));
  }

  @Test
  void size() throws Throwable {
    SetattrRequest request = new SetattrRequest();
    request.clear();
    request.setSize = true;
    request.size = SIZE - 10;
    request.handle = FuseFileSystem.NO_HANDLE;
    waitsOnce(() -> change(request));
    assertEquals(SIZE - 10, Files.size(union.upper().resolve("d/file")));
  }

  @Test
  void smallSizeCopiesWhatStays() throws Throwable {
    SetattrRequest request = new SetattrRequest();
    request.clear();
    request.setSize = true;
    request.size = 10;
    request.handle = FuseFileSystem.NO_HANDLE;
    change(request);
    assertEquals(10, Files.size(union.upper().resolve("d/file")));
  }

  @Test
  void attribute() throws Throwable {
    ByteBuffer value = ByteBuffer.allocateDirect(8);
    byte[] name = InProcess.bytes("user.color");
    long address = Memory.address(value);
    waitsOnce(() -> union.fileSystem.setxattr(union.context, file, name, address, 8, 0));
    union.fileSystem.removexattr(union.context, file, name);
  }

  @Test
  void link() throws Throwable {
    EntryReply reply = new EntryReply();
    byte[] name = InProcess.bytes("linked");
    waitsOnce(() -> union.fileSystem.link(union.context, file, ROOT, name, reply));
    union.forget(file);
  }

  @Test
  void rename() throws Throwable {
    long directory = directory();
    byte[] name = InProcess.bytes("file");
    byte[] moved = InProcess.bytes("moved");
    waitsOnce(() -> union.fileSystem.rename(union.context, directory, name, ROOT, moved, 0));
    union.forget(directory);
    assertEquals(SIZE, Files.size(union.upper().resolve("moved")));
  }

  @Test
  void exchange() throws Throwable {
    long directory = directory();
    byte[] name = InProcess.bytes("file");
    byte[] other = InProcess.bytes("other");
    Executable exchange =
        () ->
            union.fileSystem.rename(
                union.context, directory, name, directory, other, Linux.RENAME_EXCHANGE);
    DeferredException deferred = assertThrows(DeferredException.class, exchange);
    assertEquals(0, deferred.work().await(() -> false));
    waitsOnce(exchange);
    union.forget(directory);
  }

  @Test
  void theLastOneToLeaveAbandonsTheCopy() throws Throwable {
    DeferredException deferred =
        assertThrows(DeferredException.class, () -> open(OpenFlags.O_RDWR));
    deferred.work().abandon();
    // The copy is complete, or was abandoned and has left nothing: this is checked at the end.
    assertEquals(0, deferred.work().await(() -> false));
  }

  /** The copying of a metacopy's data has not begun when another file takes its name. */
  @Test
  void dataOfAMetacopyGoesIntoNoOtherFile() throws Throwable {
    long other = union.walk("d/other").nodeid;
    try (RandomAccessFile lower = new RandomAccessFile("" + union.lower(0).resolve("meta"), "rw");
        RandomAccessFile upper = new RandomAccessFile("" + union.upper().resolve("meta"), "rw")) {
      lower.setLength(SIZE);
      upper.setLength(SIZE);
    }
    Tree marked = new Tree(union.upper());
    Tree.ok(marked.setxattr("meta", "trusted.overlay.metacopy", ""));
    goOn = new CountDownLatch(1);
    long meta = union.lookup(ROOT, "meta").nodeid;
    long created = union.create(ROOT, "new", "precious");

    // There are as many of these as there are threads.
    DeferredException first =
        assertThrows(DeferredException.class, () -> union.open(file, OpenFlags.O_RDWR));
    DeferredException second =
        assertThrows(DeferredException.class, () -> union.open(other, OpenFlags.O_RDWR));
    DeferredException waiting =
        assertThrows(DeferredException.class, () -> union.open(meta, OpenFlags.O_RDWR));
    union.fileSystem.rename(
        union.context, ROOT, InProcess.bytes("new"), ROOT, InProcess.bytes("meta"), 0);
    goOn.countDown();
    for (DeferredException deferred : List.of(first, second, waiting)) {
      assertEquals(0, deferred.work().await(() -> false));
    }
    assertEquals("precious".length(), Files.size(union.upper().resolve("meta")));
    assertEquals("precious", Files.readString(union.upper().resolve("meta")));
    long handle = union.open(meta, OpenFlags.O_RDWR);
    union.write(meta, handle, "old");
    union.fileSystem.release(union.context, meta, handle);
    assertEquals("precious", Files.readString(union.upper().resolve("meta")));
    for (long nodeid : new long[] {other, meta, created}) {
      union.forget(nodeid);
    }
  }
}
