package dev.lamina.fuse.libfuse;

import static dev.lamina.fuse.libfuse.MirrorMount.bytes;
import static dev.lamina.fuse.libfuse.MirrorMount.ok;
import static dev.lamina.fuse.libfuse.MirrorMount.pread;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.fuse.MountException;
import dev.lamina.fuse.MountRequest;
import dev.lamina.fuse.ServiceThreads;
import dev.lamina.sys.Devices;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mounts;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Waiting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests of mounting, mount options and the ways in which a mount ends. */
class MountTest {
  /** Returns the fields of the mount table for a mount point that needs no escapes. */
  private static List<String> mountTableEntry(MirrorMount mount) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mounts"), StandardCharsets.ISO_8859_1).stream()
        .map(line -> List.of(line.split(" ")))
        .filter(fields -> fields.get(1).equals(mount.mountPoint()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void mountTableShowsSourceTypeAndOptions() throws IOException {
    try (MirrorMount mount = new MirrorMount("mnt", "a,b\\c:d", "suid", "dev", "noatime")) {
      List<String> entry = mountTableEntry(mount);
      // The kernel escapes a backslash as an octal number.
      assertEquals("a,b\\134c:d", entry.get(0));
      assertEquals("fuse.lamina", entry.get(2));
      List<String> options = List.of(entry.get(3).split(","));
      assertTrue(
          options.containsAll(List.of("rw", "noatime", "default_permissions")), "" + options);
      assertTrue(options.contains("allow_other"), "" + options);
      assertFalse(options.contains("nosuid"), "" + options);
      assertFalse(options.contains("nodev"), "" + options);
    }
  }

  @Test
  void readOnlyMountRefusesChanges() throws IOException {
    try (MirrorMount mount = new MirrorMount("mnt", "mirror", "ro", "noexec")) {
      assertEquals(-Errno.EROFS, Linux.mkdirat(mount.root, bytes("d"), 0755));
      List<String> options = List.of(mountTableEntry(mount).get(3).split(","));
      assertTrue(options.containsAll(List.of("ro", "noexec", "nosuid", "nodev")), "" + options);
    }
  }

  @Test
  void mountPointIsBytes() {
    try (MirrorMount mount = new MirrorMount("a,b\\c:d\ne \u00ff", "mirror")) {
      mount.write("f", "x");
      assertEquals("x", mount.read("f"));
    }
  }

  @Test
  void mountPointMayHoldFiles() {
    try (Sandbox sandbox = new Sandbox()) {
      Commands.run("touch", sandbox.directory("mnt") + "/f").succeed();
      Path backing = sandbox.directory("backing");
      MirrorFileSystem fileSystem = new MirrorFileSystem(backing);
      Thread unmounter =
          new Thread(
              () -> {
                Waiting.until("mounted", () -> fileSystem.capabilities != null);
                Mounts.umount2(bytes(sandbox.root() + "/mnt"), 0);
              });
      unmounter.start();
      MountRequest request = new MountRequest(bytes(sandbox.root() + "/mnt"), "mirror", List.of());
      try {
        new LibfuseTransport(ServiceThreads.DEFAULT_MOST).serve(fileSystem, request);
      } catch (MountException e) {
        throw new AssertionError(e);
      }
      assertTrue(fileSystem.isDestroyed);
    }
  }

  private static String refusal(String mountPoint, String... options) {
    try (Sandbox sandbox = new Sandbox()) {
      MirrorFileSystem fileSystem = new MirrorFileSystem(sandbox.root());
      sandbox.directory("dir");
      Commands.run("touch", sandbox.root() + "/file").succeed();
      MountRequest request =
          new MountRequest(bytes(sandbox.root() + "/" + mountPoint), "m", List.of(options));
      MountException e =
          assertThrows(
              MountException.class,
              () -> new LibfuseTransport(ServiceThreads.DEFAULT_MOST).serve(fileSystem, request));
      assertEquals(List.of(), Sandbox.mountsBelow(sandbox.root()));
      return e.getMessage().replace(sandbox.root().toString(), "");
    }
  }

  @Test
  void refusalsAreInPlainWords() {
    assertEquals("cannot mount on /none: no such file or directory", refusal("none"));
    assertEquals("cannot mount on /file: not a directory", refusal("file"));
    for (String option :
        List.of("nonsense", "relatime", "default_permissions", "ro=1", "context")) {
      assertEquals("unknown mount option: " + option, refusal("dir", option));
    }
  }

  @Test
  void fileSystemThatDoesNotStartIsNotMounted() {
    try (Sandbox sandbox = new Sandbox()) {
      MirrorFileSystem fileSystem = new MirrorFileSystem(sandbox.directory("backing"));
      fileSystem.initFailure = new IllegalStateException("no start");
      sandbox.directory("mnt");
      MountRequest request = new MountRequest(bytes(sandbox.root() + "/mnt"), "m", List.of());
      MountException e =
          assertThrows(
              MountException.class,
              () -> new LibfuseTransport(ServiceThreads.DEFAULT_MOST).serve(fileSystem, request));
      assertTrue(e.getMessage().contains("no start"), e.getMessage());
      assertEquals(List.of(), Sandbox.mountsBelow(sandbox.root()));
      assertTrue(fileSystem.isDestroyed);
    }
  }

  @Test
  void fusermountUnmounts() {
    try (MirrorMount mount = new MirrorMount()) {
      mount.write("f", "x");
      Linux.close(mount.root);
      Commands.run("fusermount", "-u", mount.mountPoint()).succeed();
      mount.awaitEnd();
    }
  }

  @Test
  void detachedMountServesUntilTheLastFileIsClosed() {
    try (MirrorMount mount = new MirrorMount()) {
      mount.write("f", "x");
      int fd = mount.open("f", OpenFlags.O_RDONLY);
      ok(Mounts.umount2(bytes(mount.mountPoint()), Mounts.MNT_DETACH));
      assertEquals("x", pread(fd, 10, 0));
      assertFalse(mount.fileSystem.isDestroyed);
      Linux.close(fd);
      Linux.close(mount.root);
      mount.awaitEnd();
    }
  }

  @Test
  void connectionThatIsCutOffLeavesNoDeadMount() throws IOException {
    try (MirrorMount mount = new MirrorMount()) {
      mount.write("f", "x");
      int fd = mount.open("f", OpenFlags.O_RDONLY);
      int connection = Devices.minor(mount.stat(".").dev);
      Path control = mount.sandbox.directory("connections");
      Commands.run("mount", "-t", "fusectl", "fusectl", control.toString()).succeed();
      Files.writeString(control.resolve(connection + "/abort"), "1");
      mount.awaitEnd();
      assertEquals(List.of(), Sandbox.mountsBelow(Path.of(mount.mountPoint())));
      Linux.close(fd);
    }
  }
}
