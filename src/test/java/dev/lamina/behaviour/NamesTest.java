package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;
import static dev.lamina.testing.Tree.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A name is any bytes but NUL and slash, 255 of them at most. */
class NamesTest extends SharedMountTest {
  private static final List<String> NAMES =
      List.of(
          "\377\376\200",
          "\303\251 in UTF-8",
          "\351 in Latin-1",
          "a:b",
          "a,b",
          "back\\slash",
          "\\:",
          "new\nline",
          "tab\tand\1control\177",
          " ",
          "-rf",
          "*?[x]",
          "'\"$`",
          "...",
          ".hidden",
          "x".repeat(255),
          "\377".repeat(255));

  @Override
  void fill(Union layers) {
    for (String name : NAMES) {
      layers.lower().write("lower/" + name, name);
      layers.lower().write("directories/" + name + "/" + name, name);
      layers.lower().write("moved/" + name + "/" + name, name);
    }
    layers.lower().directory("long");
  }

  private static List<String> sorted(List<String> names) {
    return names.stream().sorted().toList();
  }

  @Test
  void lowerNamesShow() {
    assertEquals(sorted(NAMES), merged.list("lower"));
    for (String name : NAMES) {
      assertEquals(name, merged.read("lower/" + name));
      assertEquals(List.of(name), merged.list("directories/" + name));
    }
  }

  @Test
  void namesCanBeMadeChangedAndRemoved() {
    for (String name : NAMES) {
      merged.write("new/" + name, name);
      ok(merged.link("new/" + name, "new/other"));
      ok(merged.unlink("new/" + name));
      ok(merged.rename("new/other", "new/" + name));
      ok(merged.setxattr("new/" + name, "user.name", name));
      ok(merged.symlink(name, "new/link"));
      assertEquals(name, merged.readlink("new/link"));
      assertEquals(name, merged.at("new").read("link"));
      ok(merged.unlink("new/link"));
    }
    assertEquals(sorted(NAMES), merged.list("new"));
    assertEquals(sorted(NAMES), upper.list("new"));
    for (String name : NAMES) {
      assertEquals(name, merged.xattr("new/" + name, "user.name"));
      ok(merged.unlink("new/" + name));
    }
    assertEquals(List.of(), merged.list("new"));
  }

  @Test
  void lowerNamesCanBeMovedAndRemoved() {
    for (String name : NAMES) {
      // In one directory: a redirect to another is a path, of 256 bytes at most (redirect_max).
      int result = merged.rename("moved/" + name, "moved/to");
      if (!mounter.renamesLowerDirectories()) {
        refused(Errno.EXDEV, result);
        ok(merged.rename("moved/" + name + "/" + name, "moved/to"));
        assertEquals(name, merged.read("moved/to"));
        ok(merged.unlink("moved/to"));
        ok(merged.rmdir("moved/" + name));
        continue;
      }
      ok(result);
      assertEquals(name, merged.read("moved/to/" + name));
      ok(merged.unlink("moved/to/" + name));
      ok(merged.rmdir("moved/to"));
    }
    assertEquals(List.of(), merged.list("moved"));
  }

  @Test
  void longerNamesAreRefused() {
    String name = "long/" + "x".repeat(256);
    refused(Errno.ENAMETOOLONG, merged.lstat(name));
    refused(Errno.ENAMETOOLONG, merged.open(name, OpenFlags.O_RDONLY));
    refused(Errno.ENAMETOOLONG, merged.open(name, OpenFlags.O_CREAT | OpenFlags.O_WRONLY, 0644));
    refused(Errno.ENAMETOOLONG, merged.mkdir(name, 0755));
    refused(Errno.ENAMETOOLONG, merged.mknod(name, Mode.S_IFIFO | 0644, 0));
    refused(Errno.ENAMETOOLONG, merged.symlink("x", name));
    refused(Errno.ENAMETOOLONG, merged.rename("lower", name));
    refused(Errno.ENAMETOOLONG, merged.link("lower/a:b", name));
    refused(Errno.ENAMETOOLONG, merged.unlink(name));
    refused(Errno.ENAMETOOLONG, merged.rmdir(name));
  }

  @Test
  void longestSymlinkTargetIsKept() {
    String target = "t/".repeat(2047);
    ok(merged.symlink(target, "longest"));
    assertEquals(target, merged.readlink("longest"));
    ok(merged.unlink("longest"));
  }
}
