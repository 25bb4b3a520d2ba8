package dev.lamina.sys;

import static dev.lamina.sys.Workspace.bytes;
import static dev.lamina.sys.Workspace.must;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.lamina.sys.FileHandles.FileHandle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** Handles: the same for all names of a file, good after a rename, stale after its end. */
@Timeout(value = 30, threadMode = ThreadMode.SEPARATE_THREAD)
class FileHandlesTest {
  private final Workspace work = new Workspace();
  private final int mount = must(Linux.reopen(work.dir, OpenFlags.O_RDONLY));

  @AfterEach
  void close() {
    Linux.close(mount);
    work.close();
  }

  private FileHandle handle(String name) {
    return FileHandles.nameToHandle(work.dir, bytes(name));
  }

  @Test
  void aHandleIsTheFilesAndNotTheNames() {
    work.write("f", "x");
    FileHandle handle = handle("f");
    must(Linux.linkat(work.dir, bytes("f"), work.dir, bytes("second")));
    assertEquals(handle, handle("second"));
    assertEquals(handle.hashCode(), handle("second").hashCode());
    work.write("other", "x");
    assertNotEquals(handle, handle("other"));
    int fd = work.open("f", OpenFlags.O_PATH);
    assertEquals(handle, FileHandles.nameToHandle(fd, Linux.EMPTY));
    Linux.close(fd);
  }

  @Test
  void aHandleOpensItsFileUntilThatIsGone() {
    work.write("f", "x");
    long ino = work.stat("f").ino;
    FileHandle handle = handle("f");
    must(Linux.renameat2(work.dir, bytes("f"), work.dir, bytes("moved"), 0));
    int fd = must(FileHandles.openByHandle(mount, handle));
    assertEquals(OpenFlags.O_PATH, Linux.fgetFlags(fd) & OpenFlags.O_PATH);
    assertEquals(Linux.FD_CLOEXEC, Linux.fcntl(fd, Linux.F_GETFD, 0));
    Stat stat = new Stat();
    assertEquals(0, Linux.fstat(fd, stat));
    assertEquals(ino, stat.ino);
    Linux.close(fd);
    must(Linux.unlinkat(work.dir, bytes("moved"), 0));
    assertEquals(-Errno.ESTALE, FileHandles.openByHandle(mount, handle));
  }

  @Test
  void aLinkHasAHandleOfItsOwn() {
    work.write("f", "x");
    must(Linux.symlinkat(bytes("f"), work.dir, bytes("link")));
    assertNotEquals(handle("f"), handle("link"));
  }

  @Test
  void whatHasNoHandleGivesNone() {
    assertNull(handle("nowhere"));
    assertNull(FileHandles.nameToHandle(Linux.AT_FDCWD, bytes("/proc/self/stat")));
    assertNull(FileHandles.nameToHandle(work.dir, new byte[5000]));
    FileHandle tooLong = new FileHandle(1, new byte[FileHandles.MAX_HANDLE_SIZE + 1]);
    assertEquals(-Errno.EINVAL, FileHandles.openByHandle(mount, tooLong));
    assertEquals(-Errno.EBADF, FileHandles.openByHandle(-1, handle(".")));
  }
}
