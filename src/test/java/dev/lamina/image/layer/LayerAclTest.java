package dev.lamina.image.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.lamina.image.tar.RawTar;
import dev.lamina.layer.UpperFormat;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Tree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Access control lists and capabilities in layers. */
class LayerAclTest extends UnpackingTest {
  @Test
  void capabilitiesAndAccessControlLists() throws IOException {
    String capability =
        "\u0001\u0000\u0000\u0002\u0000\u0004\u0000\u0000"
            + "\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000";
    // user::rwx, user:1000:r-x, group::r-x, mask::r-x, other::r-x
    String acl =
        "\u0002\u0000\u0000\u0000"
            + "\u0001\u0000\u0007\u0000\u00ff\u00ff\u00ff\u00ff"
            + "\u0002\u0000\u0005\u0000\u00e8\u0003\u0000\u0000"
            + "\u0004\u0000\u0005\u0000\u00ff\u00ff\u00ff\u00ff"
            + "\u0010\u0000\u0005\u0000\u00ff\u00ff\u00ff\u00ff"
            + "\u0020\u0000\u0005\u0000\u00ff\u00ff\u00ff\u00ff";
    unpack(
        new RawTar()
            .mode(0755)
            .owner(9, 9)
            .xattr("security.capability", capability)
            .file("capable", "x")
            .xattr("system.posix_acl_default", acl)
            .xattr("system.posix_acl_access", acl)
            .directory("acl")
            .file("acl/file", "")
            .xattr("security.selinux", "label")
            .xattr("user.kept", "v")
            .file("labelled", "")
            .xattr("user.impossible", "v")
            .symlink("link", "t")
            .end());
    assertEquals(capability, tree.xattr("capable", "security.capability"));
    assertEquals(acl, tree.xattr("acl", "system.posix_acl_default"));
    assertEquals(acl, tree.xattr("acl", "system.posix_acl_access"));
    assertEquals(0755, tree.stat("acl").mode & 07777);
    assertEquals(Map.of(), tree.xattrs("acl/file"), "nothing is inherited");
    assertEquals("v", tree.xattr("labelled", "user.kept"));
    assertFalse(tree.xattrs("labelled").containsValue("label"));
    assertTrue(tree.exists("link"));
  }

  /** GNU tar writes lists as text, with the names of the host's users. */
  @Test
  void accessControlListsOfGnuTar() throws IOException {
    Path source = sandbox.directory("source");
    new Tree(source).write("file", "x");
    new Tree(source).write("plain", "x");
    new Tree(source).directory("d");
    String access = "user:4711:rwx,user:root:r-x,group:4712:---,group:daemon:rwx,mask::r-x";
    Commands.run("setfacl", "-m", access, source.resolve("file").toString()).succeed();
    Commands.run("setfacl", "-m", "default:" + access, source.resolve("d").toString()).succeed();
    Path archive = sandbox.root().resolve("acl.tar");
    Commands.run("tar", "--acls", "-C", source.toString(), "-cf", archive.toString(), ".")
        .succeed();
    try (InputStream in = Files.newInputStream(archive)) {
      LayerUnpackerTest.unpack(in, UpperFormat.KERNEL, directory);
    }
    for (String name : List.of("file", "plain", "d")) {
      String told = getfacl(source.resolve(name));
      // The ID of this group is not known.
      String expected = told.replaceAll("(default:)?group:[1-9][0-9]{0,2}:.*\n", "");
      assertEquals(!name.equals("plain"), !expected.equals(told), "the one without a number");
      assertEquals(expected, getfacl(directory.resolve(name)), name);
    }
  }

  /** Lists in the form of star and libarchive, and malformed ones. */
  @Test
  void accessControlListsAsText() throws IOException {
    String list = "user::rwx,user:lisa:r-x:4711,group::r-x,mask::rwx,other::r-x";
    unpack(
        new RawTar()
            .mode(0775)
            .pax("SCHILY.acl.access", list)
            .file("star", "")
            .pax("SCHILY.acl.access", "u::rwx\nu:4711:rx # effective\ng::r-x\nm:rwx\no:r-x\n")
            .file("short", "")
            .mode(0755)
            .pax("SCHILY.acl.access", "user::rwx,user:lisa:r-x:4711,group::r-x,other::r-x")
            .file("without-mask", "")
            .mode(0775)
            .pax("SCHILY.acl.access", "user::rwx,user:lisa:rwx,group::r-x,mask::rwx,other::r-x")
            .file("name", "")
            .mode(0755)
            .pax("SCHILY.acl.access", list + ",user:4711:rwx")
            .file("twice", "")
            .pax("SCHILY.acl.access", "nonsense")
            .file("nonsense", "")
            .pax("SCHILY.acl.access", "user:4711:rwx")
            .file("incomplete", "")
            .pax("SCHILY.acl.access", "user::rwx,group::r-x,other::r-x,user:4294967295:r--")
            .file("nobody", "")
            .pax("SCHILY.acl.access", "")
            .pax("SCHILY.acl.default", "")
            .directory("none")
            .pax("SCHILY.acl.access", list)
            .symlink("link", "star")
            .pax("SCHILY.acl.default", list)
            .file("no-directory", "")
            .pax("SCHILY.acl.default", list)
            .directory("d")
            .file("d/file", "")
            .end());
    String expected = "user::rwx\nuser:4711:r-x\ngroup::r-x\nmask::rwx\nother::r-x\n\n";
    assertEquals(expected, getfacl(directory.resolve("star")));
    assertEquals(expected, getfacl(directory.resolve("short")));
    assertEquals(
        expected.replace("mask::rwx", "mask::r-x"), getfacl(directory.resolve("without-mask")));
    assertEquals(
        "user::rwx\ngroup::r-x\nmask::rwx\nother::r-x\n\n", getfacl(directory.resolve("name")));
    for (String name :
        List.of("twice", "nonsense", "incomplete", "nobody", "none", "no-directory", "d/file")) {
      assertEquals(Map.of(), tree.xattrs(name), name);
    }
    String plain = "user::rwx\ngroup::r-x\nother::r-x\n";
    assertEquals(
        plain + ("\n" + expected.strip()).replace("\n", "\ndefault:").substring(1) + "\n\n",
        getfacl(directory.resolve("d")));
  }

  /** The file system may be mounted without access control lists. */
  @Test
  void fileSystemsWithoutAccessControlLists() throws IOException {
    String list = "user::rwx,user:4711:rwx,group::r-x,mask::rwx,other::r-x";
    Commands.run("mount", "-t", "ramfs", "none", directory.toString()).succeed();
    try {
      unpack(
          new RawTar()
              .mode(0755)
              .pax("SCHILY.acl.access", list)
              .pax("SCHILY.acl.default", list)
              .directory("d")
              .file("d/file", "x")
              .end());
      assertEquals("x", tree.read("d/file"));
      assertEquals(0755, tree.stat("d").mode & 07777);
    } finally {
      Commands.run("umount", "-l", directory.toString()).succeed();
    }
  }

  /** An entry that is left out may have denied access to somebody. */
  @Test
  void whoMayGetMoreRightsIsNamed() throws IOException {
    String access = "SCHILY.acl.access";
    RawTar tar =
        new RawTar()
            .mode(0755)
            .pax(access, "user::rwx,user:eve:---,group::r-x,mask::rwx,other::r--")
            .file("kept-out", "")
            .pax(access, "user::rwx,user:amy:rwx,group::---,mask::r--,other::rw-")
            .file("masked", "")
            .pax(access, "user::rwx,user:bob:r--,group::rwx,mask::rw-,other::---")
            .file("as-a-group", "")
            .pax(access, "user::rwx,group:devs:r--,group::rwx,mask::rwx,other::-w-")
            .file("group-kept-out", "")
            .pax("SCHILY.acl.default", "user::rwx,user:dan:---,group::---,other::--x")
            .directory("d")
            .pax(access, "user::rwx,user:max:rwx,group::r-x,mask::rwx,other::r-x")
            .file("more", "")
            .pax(access, "user::rwx,group:ops:---,group::rwx,mask::rwx,other::---")
            .file("group-without-others", "")
            .pax(access, "user::rwx,user:sue:--x,group::rwx,mask::--x,other::--x")
            .file("group-masked", "");
    List<String> told = warnings(tar);
    List<String> expected =
        List.of(
            "kept-out: its access control list (SCHILY.acl.access) may give more rights than it"
                + " should, to eve: ",
            "masked: its access control list (SCHILY.acl.access) may give more rights than it"
                + " should, to amy: ",
            "as-a-group: its access control list (SCHILY.acl.access) may give more rights than it"
                + " should, to bob: ",
            "group-kept-out: its access control list (SCHILY.acl.access) may give more rights than"
                + " it should, to devs: ",
            "d: its access control list (SCHILY.acl.default) may give more rights than it should,"
                + " to dan: ");
    assertEquals(expected, told.stream().map(LayerAclTest::withoutReason).toList());
  }

  /** An archive must not be able to fill the log. */
  @Test
  void warningsHaveABound() throws IOException {
    RawTar tar = new RawTar();
    for (int i = 0; i < 105; i++) {
      tar.pax("SCHILY.acl.access", "u::rw,u:eve:-,g::r,m:r,o:r").file("f" + i, "");
    }
    List<String> told = warnings(tar);
    assertEquals(101, told.size());
    assertEquals(
        "5 more access control lists may give more rights than they should", told.get(100));
  }

  private static String withoutReason(String warning) {
    return warning.substring(0, warning.lastIndexOf(": ") + 2);
  }

  /** Unpacks an archive and returns the warnings about rights. */
  private List<String> warnings(RawTar tar) throws IOException {
    Logger logger = (Logger) LoggerFactory.getLogger(EntryAttributes.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    try {
      unpack(tar.end());
    } finally {
      logger.detachAppender(lines);
    }
    return lines.list.stream()
        .map(ILoggingEvent::getFormattedMessage)
        .filter(line -> line.contains("more rights"))
        .toList();
  }

  private static String getfacl(Path path) {
    return Commands.run("getfacl", "-n", "-c", "-E", "-p", path.toString()).succeed().out();
  }

  /**
   * Only the archive determines access: nothing is inherited from the directory into which it is
   * unpacked.
   */
  @Test
  void defaultAccessControlListsAreNotInherited() throws IOException {
    String acl = "user::rwx,user:1234:rwx,group::rwx,mask::rwx,other::rwx";
    Commands.run("setfacl", "-d", "-m", acl, sandbox.root().toString()).succeed();
    Path target = sandbox.directory("inherits");
    String attribute = "system.posix_acl_default";
    String value = new Tree(target).xattr("", attribute);
    LayerUnpackerTest.unpack(
        new RawTar()
                .mode(0755)
                .xattr(attribute, value)
                .directory("./")
                .file("before", "")
                .xattr(attribute, value)
                .directory("replaced")
                .file("replaced/below/file", "")
                .directory("replaced")
                .file("replaced/file", "")
                .xattr(attribute, value)
                .directory("file-for-a-time")
                .file("file-for-a-time", "")
                .directory("file-for-a-time")
                .xattr(attribute, value)
                .directory("link-above/d")
                .xattr(attribute, value)
                .directory("link-above-0")
                .symlink("link-above", "x")
                .file("link-above", "x")
                .file("link-above2", "x")
                .link("link-above", "link-above2")
                .directory("link-above")
                .file("link-above/d/file", "")
                .xattr(attribute, value)
                .directory("whiteout")
                .file(".wh.whiteout", "")
                .file("implied/below/file", "")
                .end()
                .stream(),
        UpperFormat.KERNEL,
        target);
    Tree unpacked = new Tree(target);
    Map<String, String> with = Map.of(attribute, value);
    assertEquals(with, unpacked.xattrs(""));
    assertEquals(with, unpacked.xattrs("link-above-0"));
    assertEquals(value, unpacked.xattr("whiteout", attribute));
    for (String path :
        List.of(
            "before",
            "replaced",
            "replaced/below",
            "replaced/below/file",
            "replaced/file",
            "file-for-a-time",
            "link-above",
            "link-above/d",
            "link-above/d/file",
            "implied",
            "implied/below",
            "implied/below/file")) {
      assertEquals(Map.of(), unpacked.xattrs(path), path);
    }
    assertEquals(0755, unpacked.stat("implied").mode & 07777);
  }
}
