package dev.lamina.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.testing.Commands;
import dev.lamina.testing.Daemon;
import dev.lamina.testing.Snapshot;
import dev.lamina.testing.Tree;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Mounts that cannot be: exit 1, one line that names what is wrong, and nothing changed. */
@Tag("one-jdk")
@LaminaOnly("tests the command line of Lamina")
class MountRefusalTest extends UnionTest {
  private void refused(Union union, String options, String mountPoint, String named) {
    refused(1, union, options, mountPoint, named);
  }

  /** Paths in the options are given relative to the sandbox, after an equals sign or a colon. */
  private void refused(int status, Union union, String options, String mountPoint, String named) {
    Path root = union.sandbox().root();
    Map<String, String> before = Snapshot.exact(new Tree(root));
    String absolute = options.replaceAll("(?<=dir=|:)(?=[a-z])", root + "/");
    Commands.Result result = Lamina.mount(mounter, "-o", absolute, root + "/" + mountPoint);
    assertEquals(status, result.status(), options + ": " + result.err());
    assertEquals("", result.out());
    String line = result.err();
    assertTrue(line.endsWith("\n") && line.indexOf('\n') == line.length() - 1, line);
    assertTrue(line.contains(named), "'" + line + "' names '" + named + "'");
    Snapshot.assertSame("what is there", before, Snapshot.exact(new Tree(root)));
  }

  private static final String GOOD = "lowerdir=l0:l1,upperdir=upper,workdir=work";

  private Union layers() {
    Union union = Union.writable(mounter, 2);
    union.lower().write("file", "lower");
    new Tree(union.sandbox().root()).write("plain-file", "");
    return union;
  }

  @Test
  void badLowerLayers() {
    try (Union union = layers()) {
      refused(union, "lowerdir=l0:none", "merged", "none");
      refused(union, "lowerdir=none:l0,upperdir=upper,workdir=work", "merged", "none");
      refused(union, "lowerdir=l0:plain-file", "merged", "plain-file");
      // Something left out is a usage error.
      refused(2, union, "upperdir=upper,workdir=work", "merged", "lowerdir");
      assertFalse(Lamina.isMounted(union.mountPoint()));
    }
  }

  @Test
  void badUpperOrWorkDirectory() {
    try (Union union = layers()) {
      union.upper().directory("inside");
      union.work().directory("inside");
      refused(union, "lowerdir=l0,upperdir=none,workdir=work", "merged", "none");
      refused(union, "lowerdir=l0,upperdir=plain-file,workdir=work", "merged", "plain-file");
      refused(union, "lowerdir=l0,upperdir=upper,workdir=none", "merged", "none");
      refused(2, union, "lowerdir=l0,upperdir=upper", "merged", "workdir");
      refused(union, "lowerdir=l0,upperdir=upper,workdir=upper", "merged", "upper");
      refused(union, "lowerdir=l0,upperdir=upper,workdir=upper/inside", "merged", "upper");
      refused(union, "lowerdir=l0,upperdir=work/inside,workdir=work", "merged", "work");
    }
  }

  @Test
  void upperAndWorkOnDifferentFileSystems() {
    try (Union union = layers()) {
      Commands.run("mount", "-t", "tmpfs", "tmpfs", union.work().string("")).succeed();
      refused(union, GOOD, "merged", "work");
    }
  }

  @Test
  void upperOnAReadOnlyFileSystem() {
    try (Union union = layers()) {
      String root = union.sandbox().root().toString();
      Commands.run("mount", "--bind", root, root).succeed();
      Commands.run("mount", "-o", "remount,bind,ro", root).succeed();
      refused(union, GOOD, "merged", "give the option ro");
      union.mount("ro");
      assertEquals("lower", union.merged().read("file"));
      union.unmount();
      Commands.run("umount", root).succeed();
      union.mount();
    }
  }

  @Test
  void badMountPoint() {
    try (Union union = layers()) {
      refused(union, GOOD, "none", "none");
      refused(union, GOOD, "plain-file", "plain-file");
    }
  }

  /** Slow: a mount waits for the end of one that is being unmounted. */
  @Test
  @Tag("slow")
  void whatALiveMountUsesIsBusy() {
    try (Union union = layers().mount()) {
      for (String name : new String[] {"other", "upper2", "work2"}) {
        union.sandbox().directory(name);
      }
      refused(union, GOOD, "merged", "merged");
      refused(union, "lowerdir=l0,upperdir=upper,workdir=work2", "other", "upper");
      refused(union, "lowerdir=l0,upperdir=upper2,workdir=work", "other", "work");
      assertEquals("lower", union.merged().read("file"));
      union.merged().write("new", "still serves");
      // Lower layers may be shared.
      Path root = union.sandbox().root();
      String options =
          "lowerdir=" + root + "/l0,upperdir=" + root + "/upper2,workdir=" + root + "/work2";
      Lamina.mount(mounter, "-o", options, root + "/other").succeed();
      assertEquals("lower", new Tree(root + "/other").read("file"));
      mounter.unmount(root.resolve("other"));
    }
  }

  @Test
  void upperIsFreeAgainAfterUnmount() {
    try (Union union = layers().mount()) {
      for (int i = 0; i < 3; i++) {
        union.merged().write("file" + i, "");
        Commands.run("umount", union.mountPoint().toString()).succeed();
        // Which is later where a process beside this one has the mount as well.
        Daemon.awaitNone(union.mountPoint());
        union.mount();
      }
      assertEquals(4, union.merged().list("").size());
    }
  }
}
