package dev.lamina.fuse.libfuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.testing.Commands;
import dev.lamina.testing.Layers;
import dev.lamina.testing.Mounter;
import dev.lamina.testing.NameChanges;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Tree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Tests an upper on a FUSE file system that supports no flags of renameat2(2), like most of them.
 */
class UpperOnPlainFuseTest {
  @Test
  void whatIsRemovedStaysRemoved() {
    try (Sandbox sandbox = new Sandbox();
        MirrorMount mirror = new MirrorMount()) {
      Path lower = sandbox.directory("lower");
      NameChanges.fill(lower);
      Path reference = sandbox.directory("reference");
      Mounter.KERNEL_OVERLAY.mount(
          new Layers(List.of(lower), sandbox.directory("ou"), sandbox.directory("ow")), reference);
      String expected = NameChanges.change(reference);
      Tree place = new Tree(Path.of(mirror.mountPoint()));
      Tree.ok(place.mkdir("u", 0755));
      Tree.ok(place.mkdir("w", 0755));
      Layers layers =
          new Layers(
              List.of(lower), Path.of(mirror.mountPoint(), "u"), Path.of(mirror.mountPoint(), "w"));
      Path merged = sandbox.directory("merged");
      Mounter.LAMINA_KERNEL.mount(layers, merged);
      assertEquals(expected, NameChanges.change(merged));
      Mounter.LAMINA_KERNEL.unmount(merged);
      Mounter.LAMINA_KERNEL.mount(layers, merged);
      assertEquals(expected, NameChanges.show(merged), "after a remount");
      Mounter.LAMINA_KERNEL.unmount(merged);
      Tree upper = new Tree(layers.upper());
      assertTrue(upper.exists(".wh.d5"), "a whiteout beside the name");
      assertEquals(List.of(), new Tree(layers.work()).list("work"));
    }
  }

  /** The copy-up behaves as on overlayfs (ovl_copy_fileattr). */
  @Test
  void flagsThatItCannotKeepAreNoObstacle() throws Exception {
    try (Sandbox sandbox = new Sandbox();
        MirrorMount mirror = new MirrorMount()) {
      Path lower = sandbox.directory("lower");
      Files.writeString(lower.resolve("file"), "old");
      Commands.run("chattr", "+A", "" + lower.resolve("file")).succeed();
      Tree place = new Tree(Path.of(mirror.mountPoint()));
      Tree.ok(place.mkdir("u", 0755));
      Tree.ok(place.mkdir("w", 0755));
      Layers layers =
          new Layers(
              List.of(lower), Path.of(mirror.mountPoint(), "u"), Path.of(mirror.mountPoint(), "w"));
      Path merged = sandbox.directory("merged");
      Mounter.LAMINA_KERNEL.mount(layers, merged);
      Files.writeString(merged.resolve("file"), "new", StandardOpenOption.APPEND);
      assertEquals("oldnew", Files.readString(merged.resolve("file")));
      Mounter.LAMINA_KERNEL.unmount(merged);
    }
  }
}
