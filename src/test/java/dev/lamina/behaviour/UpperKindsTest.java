package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.testing.Commands;
import dev.lamina.testing.Layers;
import dev.lamina.testing.Mounter;
import dev.lamina.testing.NameChanges;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Tree;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Uppers on file systems that cannot do all that ext4 can: what is removed stays removed, whichever
 * marks can be made there, or the mount is refused with the reason.
 */
@LaminaOnly("kernel overlayfs refuses most of these")
@Tag("one-jdk")
class UpperKindsTest extends UnionTest {
  /** What kernel overlayfs on ext4 shows after the changes. */
  private static String expected(Sandbox sandbox, Path lower) {
    Layers layers = new Layers(List.of(lower), sandbox.directory("ou"), sandbox.directory("ow"));
    Path merged = sandbox.directory("om");
    Mounter.KERNEL_OVERLAY.mount(layers, merged);
    String shown = NameChanges.change(merged);
    Mounter.KERNEL_OVERLAY.unmount(merged);
    return shown;
  }

  private static Path lower(Sandbox sandbox) {
    Path lower = sandbox.directory("lower");
    NameChanges.fill(lower);
    return lower;
  }

  /**
   * Changes a union whose upper is on another union, and mounts it again.
   *
   * @return the inner upper directory, as the outer mount shows it
   */
  private Path nested(Sandbox sandbox, Mounter outer, Path lower) {
    Path place = outer(sandbox, outer);
    Layers layers = new Layers(List.of(lower), directory(place, "u"), directory(place, "w"));
    Path merged = sandbox.directory("merged");
    String expected = expected(sandbox, lower);
    mounter.mount(layers, merged);
    assertEquals(expected, NameChanges.change(merged));
    mounter.unmount(merged);
    mounter.mount(layers, merged);
    assertEquals(expected, NameChanges.show(merged), "after a remount");
    mounter.unmount(merged);
    assertEquals(List.of(), new Tree(layers.work()).list("work"));
    return layers.upper();
  }

  private static Path outer(Sandbox sandbox, Mounter outer) {
    Path empty = sandbox.directory("empty");
    Path merged = sandbox.directory("outer");
    outer.mount(new Layers(List.of(empty), sandbox.directory("u"), sandbox.directory("w")), merged);
    return merged;
  }

  private static Path directory(Path parent, String name) {
    ok(new Tree(parent).mkdir(name, 0755));
    return parent.resolve(name);
  }

  /** Another format would be chosen, whose marks kernel overlayfs does not read. */
  @Test
  void anErrorWhileAnUpperIsTriedRefusesTheMount() {
    try (Union union = Union.writable(mounter, 1)) {
      for (String call : List.of("lsetxattr", "mknodat", "renameat2")) {
        List<String> command =
            new ArrayList<>(
                List.of("strace", "-f", "-q", "-o", "/dev/null", "-e", "trace=" + call));
        command.addAll(List.of("-e", "inject=" + call + ":error=EIO:when=1"));
        command.addAll(mounter.command());
        command.addAll(List.of("-o", union.layers().options(), union.mountPoint().toString()));
        Commands.Result result = Commands.run(command.toArray(String[]::new));
        assertEquals(1, result.status(), call + result.err());
        assertTrue(result.err().contains("input/output error"), result.err());
        assertEquals(List.of(), union.upper().list(""));
      }
    }
  }

  @Test
  void anUpperOnAnotherMountOfLamina() {
    try (Sandbox sandbox = new Sandbox()) {
      Path lower = lower(sandbox);
      Path upper = nested(sandbox, Mounter.LAMINA_KERNEL, lower);
      assertEquals("y", new Tree(upper).xattr("d5", "trusted.overlay.whiteout"));
      // As a lower layer of kernel overlayfs; by a copy, for its sake at how deep they are stacked.
      Path copy = sandbox.root().resolve("copy");
      Commands.run("cp", "-a", upper.toString(), copy.toString()).succeed();
      Path read = sandbox.directory("read");
      Mounter.KERNEL_OVERLAY.mount(new Layers(List.of(copy, lower), null, null), read);
      Path merged = sandbox.directory("merged");
      mounter.mount(new Layers(List.of(upper, lower), null, null), merged);
      assertEquals(NameChanges.show(read), NameChanges.show(merged));
      mounter.unmount(merged);
      Mounter.LAMINA_KERNEL.unmount(sandbox.root().resolve("outer"));
    }
  }

  @Test
  void anUpperOnKernelOverlayfs() {
    try (Sandbox sandbox = new Sandbox()) {
      nested(sandbox, Mounter.KERNEL_OVERLAY, lower(sandbox));
    }
  }

  /** Names cannot change places over libfuse 2, nor can a mount of ours hold .wh. files. */
  @Test
  void whereNothingStaysHiddenTheMountIsRefused() {
    try (Sandbox sandbox = new Sandbox()) {
      Path place = outer(sandbox, Mounter.LAMINA_LIBFUSE);
      Layers layers =
          new Layers(List.of(lower(sandbox)), directory(place, "u"), directory(place, "w"));
      Path merged = sandbox.directory("merged");
      Commands.Result result = Lamina.mount(mounter, "-o", layers.options(), merged.toString());
      assertEquals(1, result.status());
      assertTrue(result.err().contains("cannot hide removed files"), result.err());
      assertEquals(List.of(), new Tree(layers.work()).list("work"));
      Mounter.LAMINA_LIBFUSE.unmount(place);
    }
  }

  /** The root of a user namespace can make devices 0:0 since Linux 5.8. */
  @Test
  void rootlessOverlayfsReadsAnUpperOfAUserNamespace() {
    String script =
        """
        (cd lower; %s)
        chown -hR 65534:65534 lower
        "${nobody[@]}" unshare --user --map-root-user --mount bash -euc '
        bin/lamina mount -o lowerdir=lower,upperdir=upper,workdir=work "$1"
        (cd "$1"; %s)
        (cd "$1"; %s) >work/seen
        bin/lamina umount "$1"
        mkdir work/other
        mount -t overlay overlay -o userxattr,lowerdir=lower,upperdir=upper,workdir=work/other "$1"
        (cd "$1"; %s)
        umount "$1"
        ' - "$merged" >native
        stat -c %%F upper/d5
        cmp native work/seen
        """;
    String shown = NameChanges.SHOW.strip();
    String filled = script.formatted(NameChanges.FILL, NameChanges.CHANGE, shown, shown);
    assertEquals("character special file\n", FusermountTest.run("kernel", filled).out());
  }
}
