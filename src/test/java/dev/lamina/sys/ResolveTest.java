package dev.lamina.sys;

import static dev.lamina.sys.Workspace.bytes;
import static dev.lamina.sys.Workspace.must;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests with openat2 that a path from a hostile layer does not lead out of it. */
class ResolveTest {
  private static final long BENEATH = Linux.RESOLVE_BENEATH;
  private static final long NO_SYMLINKS = Linux.RESOLVE_NO_SYMLINKS;

  private final Workspace work = new Workspace();
  private int layer;

  @BeforeEach
  void makeLayer() {
    must(Linux.mkdirat(work.dir, bytes("layer"), 0755));
    must(Linux.mkdirat(work.dir, bytes("layer/d"), 0755));
    work.write("layer/d/f", "inside");
    work.write("secret", "outside");
    must(Linux.symlinkat(bytes("/"), work.dir, bytes("layer/root")));
    must(Linux.symlinkat(bytes("../secret"), work.dir, bytes("layer/up")));
    must(Linux.symlinkat(bytes("d"), work.dir, bytes("layer/in")));
    layer = work.open("layer", OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
  }

  @AfterEach
  void close() {
    Linux.close(layer);
    work.close();
  }

  private int open(String path, long resolve) {
    int fd = Linux.openat2(layer, bytes(path), OpenFlags.O_RDONLY, 0, resolve);
    return fd < 0 ? fd : Linux.close(fd);
  }

  @Test
  void beneathStopsWhateverLeadsOut() {
    assertEquals(0, open("d/f", BENEATH));
    assertEquals(0, open("in/f", BENEATH));
    assertEquals(0, open("d/../d/f", BENEATH));
    for (String path : new String[] {"..", "../secret", "d/../../secret", "/", "root", "up"}) {
      assertEquals(-Errno.EXDEV, open(path, BENEATH), path);
    }
    assertEquals(0, open("up", 0));
  }

  @Test
  void noSymlinksStopsThoseThatStayInsideToo() {
    assertEquals(-Errno.ELOOP, open("in/f", BENEATH | NO_SYMLINKS));
    assertEquals(-Errno.ELOOP, open("in", BENEATH | NO_SYMLINKS));
    assertEquals(0, open("d/f", BENEATH | NO_SYMLINKS));
  }

  @Test
  void inRootTakesTheDirectoryForTheRoot() {
    assertEquals(0, open("/d/f", Linux.RESOLVE_IN_ROOT));
    assertEquals(0, open("root/d/f", Linux.RESOLVE_IN_ROOT));
    assertEquals(-Errno.ENOENT, open("up", Linux.RESOLVE_IN_ROOT));
  }

  @Test
  void aMountAndAMagicLinkAreOtherPlaces() {
    long noMagic = Linux.RESOLVE_NO_MAGICLINKS;
    assertEquals(-Errno.EXDEV, open("/proc/self", Linux.RESOLVE_NO_XDEV));
    assertEquals(-Errno.ELOOP, open("/proc/self/fd/" + layer, noMagic));
    assertEquals(0, open("in/f", noMagic));
  }

  @Test
  void modeAndFlagsArrive() {
    long flags = OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_WRONLY;
    int fd = must(Linux.openat2(layer, bytes("new"), flags, 0604, BENEATH));
    assertEquals(Linux.FD_CLOEXEC, Linux.fcntl(fd, Linux.F_GETFD, 0));
    Linux.close(fd);
    assertEquals(Mode.S_IFREG | 0604, work.stat("layer/new").mode);
    assertEquals(-Errno.EEXIST, Linux.openat2(layer, bytes("new"), flags, 0604, BENEATH));
    assertEquals(-Errno.EINVAL, open("d", 1L << 40));
  }
}
