package dev.lamina.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lamina.testing.Commands;
import dev.lamina.testing.Layers;
import dev.lamina.testing.Sandbox;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every option that the distribution's fuse-overlayfs has, of its own and of the library's, and
 * what mount(8) and other tools pass on: what it does with each, and what Lamina does. Where Lamina
 * refuses what fuse-overlayfs takes, passing over it would show other owners or attributes than
 * were asked for.
 */
@Tag("one-jdk")
class FuseOverlayfsOptionsTest {
  private static final String IGNORED = "unknown argument ignored: ";

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      value = {
        // Its own: of its manual page and of its sources.
        "redirect_dir=off, takes, takes",
        "context=a:b:c, takes, takes",
        "'context=\"a:b:c1,c2\"', ignores, takes",
        "uidmapping=, takes, takes",
        "gidmapping=:, takes, takes",
        "uidmapping=0:0:1, takes, refuses",
        "uidmapping=:0:1001:1:1:100000:65536, takes, refuses",
        "gidmapping=0:0:1, takes, refuses",
        "timeout=1, takes, takes",
        "timeout=0.5, takes, takes",
        "threaded=0, takes, takes",
        "threaded=1, takes, takes",
        "threaded=x, refuses, refuses",
        "fsync=0, takes, takes",
        "fsync=1, takes, takes",
        "fast_ino=0, takes, takes",
        "fast_ino=1, takes, takes",
        "writeback=0, takes, takes",
        "writeback=1, takes, takes",
        "writeback=x, refuses, refuses",
        "noxattrs=0, takes, takes",
        "noxattrs=1, takes, refuses",
        "plugins=, takes, takes",
        "plugins=/none, refuses, refuses",
        "xattr_permissions=0, takes, takes",
        "xattr_permissions=1, takes, refuses",
        "xattr_permissions=2, takes, refuses",
        "xattr_permissions=3, refuses, refuses",
        "squash_to_root, takes, refuses",
        "squash_to_uid=-1, takes, takes",
        "squash_to_uid=5, takes, refuses",
        "squash_to_uid=x, refuses, refuses",
        "squash_to_gid=-1, takes, takes",
        "squash_to_gid=5, takes, refuses",
        "static_nlink, takes, takes",
        "volatile, takes, takes",
        "noacl, takes, takes",
        // Of the library, and of mount(8).
        "allow_root, takes, takes",
        "allow_other, takes, takes",
        "default_permissions, takes, takes",
        "suid, takes, takes",
        "nosuid, takes, takes",
        "dev, takes, takes",
        "nodev, takes, takes",
        "exec, takes, takes",
        "noexec, takes, takes",
        "atime, takes, takes",
        "noatime, takes, takes",
        "ro, takes, takes",
        "lazytime, ignores, takes",
        "rw, ignores, takes",
        "relatime, ignores, takes",
        "strictatime, ignores, takes",
        "sync, ignores, takes",
        "async, ignores, takes",
        "dirsync, ignores, takes",
        "defaults, ignores, takes",
        "user, ignores, takes",
        "nofail, ignores, takes",
        "_netdev, ignores, takes",
        "private, ignores, takes",
        "clone_fd, ignores, takes",
        "max_idle_threads=3, ignores, takes",
        "max_write=4096, ignores, takes",
        "max_read=4096, ignores, takes",
        "fsname=x, ignores, takes",
        "subtype=x, ignores, takes",
        "diratime, refuses, takes",
        "nodiratime, refuses, takes",
        "splice_read, refuses, takes",
        "splice_write, refuses, takes",
        "splice_move, refuses, takes",
        "kernel_cache, refuses, takes",
        // Of overlayfs.
        "index=off, ignores, takes",
        "metacopy=on, ignores, takes",
        "xino=on, ignores, takes",
        "uuid=on, ignores, takes",
        "nfs_export=off, ignores, takes",
        "nfs_export=on, ignores, refuses",
        "verity=require, ignores, refuses",
        "userxattr, ignores, refuses",
        "redirect_dir=on, refuses, takes",
        // Nobody's: each says so, and goes on.
        "auto_unmount, ignores, ignores",
        "mand, ignores, ignores",
        "nonsense, ignores, ignores",
        "nonsense=1, ignores, ignores",
        "volatile=1, ignores, ignores",
        "static_nlink=1, ignores, ignores",
        "suid=1, ignores, ignores",
      })
  void option(String option, String fuseOverlayfs, String lamina) throws OptionException {
    assertEquals(fuseOverlayfs, fuseOverlayfs(option), "fuse-overlayfs");
    MountOptions options = new MountOptions();
    if (lamina.equals("refuses")) {
      OptionException refusal = assertThrows(OptionException.class, () -> options.add(option));
      assertEquals(1, refusal.getMessage().lines().count());
    } else {
      options.add(option);
      assertEquals(
          lamina.equals("ignores") ? List.of(option) : List.of(), options.unknown(), "Lamina");
    }
  }

  private static String fuseOverlayfs(String option) {
    try (Sandbox sandbox = new Sandbox()) {
      Layers layers =
          new Layers(
              List.of(sandbox.directory("lower")),
              sandbox.directory("upper"),
              sandbox.directory("work"));
      String options = layers.options() + "," + option;
      String point = sandbox.directory("merged").toString();
      Commands.Result result = Commands.run("fuse-overlayfs", "-o", options, point);
      if (result.status() != 0) {
        return "refuses";
      }
      Commands.run("umount", point).succeed();
      // It says so of an option that it adds itself, too.
      boolean saidOnce = result.err().lines().filter(line -> line.startsWith(IGNORED)).count() <= 1;
      return saidOnce ? "takes" : "ignores";
    }
  }
}
