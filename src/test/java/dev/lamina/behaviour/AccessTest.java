package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;
import static dev.lamina.testing.Tree.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.ProcessCalls;
import dev.lamina.sys.Stat;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Tree;
import dev.lamina.testing.Users;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * What users may do, and what modes, owners and ACLs come out of it: the same as in a directory of
 * the underlying file system, which is done beside it.
 */
class AccessTest extends SharedMountTest {
  private static final int USER = 4001;
  private static final int GROUP = 4002;
  private static final int CREATE = OpenFlags.O_CREAT | OpenFlags.O_WRONLY;

  private Tree plain;

  @Override
  void fill(Union layers) {
    plain = new Tree(layers.sandbox().directory("plain"));
    for (Tree tree : List.of(layers.lower(), plain)) {
      ok(tree.chmod("", 0755));
      tree.write("rights/secret", "secret");
      ok(tree.chmod("rights/secret", 0600));
      tree.write("rights/group", "group");
      ok(tree.chown("rights/group", 0, GROUP));
      ok(tree.chmod("rights/group", 0640));
      tree.write("rights/public", "public");
      tree.write("rights/closed/file", "x");
      ok(tree.chmod("rights/closed", 0700));
      tree.write("rights/script", "#!/bin/sh\nexit 7\n");
      ok(tree.chmod("rights/script", 0755));
      tree.write("rights/not-executable", "#!/bin/sh\nexit 7\n");

      tree.directory("open");
      ok(tree.chmod("open", 0777));
      tree.directory("sticky");
      ok(tree.chmod("sticky", 01777));
      tree.write("sticky/roots", "root");
      tree.write("sticky/users", "user");
      ok(tree.chown("sticky/users", USER, USER));

      tree.directory("setgid");
      ok(tree.chown("setgid", 0, GROUP));
      ok(tree.chmod("setgid", 02777));
      tree.directory("acl");
      ok(tree.chmod("acl", 0777));
      String entries = "u:4321:rwx,g:1234:r-x,m::rwx,o::---";
      Commands.run("setfacl", "-d", "-m", entries, tree.string("acl")).succeed();
      tree.directory("umask");

      for (String name : List.of("written", "truncated", "chowned", "chgrped", "chmoded")) {
        tree.write("suid/" + name, "contents");
        ok(tree.chown("suid/" + name, USER, GROUP));
        ok(tree.chmod("suid/" + name, 06777));
      }
      tree.write("own/file", "contents");
      ok(tree.chown("own", USER, USER));
      ok(tree.chown("own/file", USER, USER));
    }
  }

  /** What is in a directory: modes, owners and ACLs. */
  private static List<String> listing(Tree tree) {
    List<String> lines = new ArrayList<>();
    for (String name : tree.list("")) {
      Stat stat = tree.stat(name);
      lines.add(
          String.format("%s %o %d:%d ", name, stat.mode, stat.uid, stat.gid) + tree.xattrs(name));
    }
    return lines;
  }

  private void sameAsInPlainDirectory(String directory, Consumer<Tree> actions) {
    actions.accept(plain.at(directory));
    actions.accept(merged.at(directory));
    assertEquals(
        String.join("\n", listing(plain.at(directory))),
        String.join("\n", listing(merged.at(directory))));
  }

  private static void createAll(Tree tree, String prefix) {
    ok(Linux.close(ok(tree.open(prefix + "file", CREATE, 02775))));
    ok(Linux.close(ok(tree.open(prefix + "wide", CREATE, 0666))));
    ok(tree.mkdir(prefix + "directory", 0777));
    ok(tree.mknod(prefix + "fifo", Mode.S_IFIFO | 0666, 0));
    ok(tree.symlink("x", prefix + "symlink"));
  }

  @Test
  void rightsAreChecked() {
    Tree rights = merged.at("rights");
    Users.asNobody(
        () -> {
          refused(Errno.EACCES, rights.open("secret", OpenFlags.O_RDONLY));
          refused(Errno.EACCES, rights.open("public", OpenFlags.O_WRONLY));
          refused(Errno.EACCES, rights.open("group", OpenFlags.O_RDONLY));
          refused(Errno.EACCES, rights.lstat("closed/file"));
          refused(Errno.EACCES, rights.open("closed", OpenFlags.O_RDONLY));
          refused(Errno.EACCES, rights.open("new", CREATE, 0644));
          refused(Errno.EACCES, rights.mkdir("new", 0755));
          refused(Errno.EACCES, rights.symlink("x", "new"));
          refused(Errno.EACCES, rights.unlink("public"));
          refused(Errno.EACCES, rights.rename("public", "new"));
          refused(Errno.EPERM, rights.chmod("public", 0777));
          refused(Errno.EPERM, rights.utimens("public", 1, 1));
          ok(Linux.close(ok(rights.open("public", OpenFlags.O_RDONLY))));
          return 0;
        });
    refused(Errno.ENOENT, upper.lstat("rights"));
  }

  @Test
  void groupRightsCount() {
    Users.as(
        USER,
        GROUP,
        () -> {
          ok(Linux.close(ok(merged.open("rights/group", OpenFlags.O_RDONLY))));
          refused(Errno.EACCES, merged.open("rights/group", OpenFlags.O_WRONLY));
          return 0;
        });
  }

  @Test
  void ownersMayChangeTheirFiles() {
    Users.as(
        USER,
        USER,
        () -> {
          Tree own = merged.at("own");
          ok(own.chmod("file", 0600));
          ok(own.utimens("file", 5, 5));
          refused(Errno.EPERM, own.chown("file", 0, -1));
          ok(own.rename("file", "renamed"));
          ok(own.mkdir("directory", 0700));
          ok(own.unlink("renamed"));
          return 0;
        });
    assertEquals(List.of("directory"), merged.list("own"));
    assertEquals(USER, merged.stat("own/directory").uid);
  }

  @Test
  void programsRunAsOtherUsers() {
    String[] user = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
    assertEquals(7, run(user, merged.string("rights/script")));
    assertNotEquals(7, run(user, merged.string("rights/not-executable")));
    assertEquals(0, run(user, "cat", merged.string("rights/public")));
    assertNotEquals(0, run(user, "cat", merged.string("rights/secret")));
  }

  private static int run(String[] user, String... command) {
    List<String> all = new ArrayList<>(List.of(user));
    all.addAll(List.of(command));
    return Commands.run(all.toArray(String[]::new)).status();
  }

  @Test
  void newFilesBelongToTheirMaker() {
    sameAsInPlainDirectory(
        "open",
        tree ->
            Users.as(
                USER,
                GROUP,
                () -> {
                  createAll(tree, "");
                  return 0;
                }));
    assertEquals(USER, merged.stat("open/file").uid);
    assertEquals(GROUP, merged.stat("open/symlink").gid);
  }

  @Test
  void stickyDirectoryProtectsFilesOfOthers() {
    Tree sticky = merged.at("sticky");
    Users.asNobody(
        () -> {
          refused(Errno.EPERM, sticky.unlink("roots"));
          refused(Errno.EPERM, sticky.rename("users", "mine"));
          ok(sticky.mkdir("mine", 0755));
          ok(sticky.rename("mine", "still-mine"));
          ok(sticky.rmdir("still-mine"));
          return 0;
        });
    Users.as(
        USER,
        USER,
        () -> {
          ok(sticky.rename("users", "renamed"));
          return ok(sticky.unlink("renamed"));
        });
    assertEquals(List.of("roots"), sticky.list(""));
    assertEquals(Mode.S_IFDIR | 01777, merged.stat("sticky").mode);
  }

  @Test
  void setgidDirectoryPassesItsGroupOn() {
    sameAsInPlainDirectory(
        "setgid",
        tree -> {
          createAll(tree, "root-");
          Users.asNobody(
              () -> {
                createAll(tree, "nobody-");
                ok(tree.mkdir("nobody-directory/sub", 0755));
                return 0;
              });
        });
    assertEquals(GROUP, merged.stat("setgid/nobody-file").gid);
    assertEquals(GROUP, merged.stat("setgid/nobody-directory/sub").gid);
    assertEquals(Mode.S_IFDIR | 02755, merged.stat("setgid/nobody-directory/sub").mode);
  }

  @Test
  void setuidAndSetgidAreClearedByChanges() {
    sameAsInPlainDirectory(
        "suid",
        tree -> {
          Users.asNobody(
              () -> {
                int fd = ok(tree.open("written", OpenFlags.O_WRONLY));
                ok(Tree.tryPwrite(fd, "x", 0));
                ok(Linux.close(fd));
                return ok(tree.truncate("truncated", 3));
              });
          ok(tree.chown("chowned", 5, -1));
          ok(tree.chown("chgrped", -1, 5));
          // Not a member of the file's group: setgid is cleared on the way.
          Users.as(USER, USER, () -> ok(tree.chmod("chmoded", 06755)));
        });
    assertEquals(Mode.S_IFREG | 0777, merged.stat("suid/written").mode);
    assertEquals(Mode.S_IFREG | 0777, merged.stat("suid/chowned").mode);
    assertEquals(Mode.S_IFREG | 04755, merged.stat("suid/chmoded").mode);
  }

  @Test
  void umaskApplies() {
    int old = ProcessCalls.umask(027);
    try {
      sameAsInPlainDirectory("umask", tree -> createAll(tree, ""));
    } finally {
      ProcessCalls.umask(old);
    }
    assertEquals(Mode.S_IFREG | 0640, merged.stat("umask/wide").mode);
    assertEquals(Mode.S_IFIFO | 0640, merged.stat("umask/fifo").mode);
    assertEquals(Mode.S_IFDIR | 0750, merged.stat("umask/directory").mode);
  }

  /** acl(5): a default ACL takes the place of the umask. */
  @Test
  void defaultAclIsInherited() {
    int old = ProcessCalls.umask(077);
    try {
      sameAsInPlainDirectory("acl", tree -> createAll(tree, ""));
    } finally {
      ProcessCalls.umask(old);
    }
    assertEquals(Mode.S_IFREG | 0660, merged.stat("acl/wide").mode);
    ok(merged.mkdir("acl/directory/sub", 0777));
    assertEquals(
        merged.xattr("acl", "system.posix_acl_default"),
        merged.xattr("acl/directory/sub", "system.posix_acl_default"));
  }

  @Test
  void aclOfAFileSetsItsMode() {
    merged.write("own-acl", "x");
    Commands.run("setfacl", "-m", "u:4321:rwx", merged.string("own-acl")).succeed();
    assertEquals(Mode.S_IFREG | 0674, merged.stat("own-acl").mode);
    ok(merged.chmod("own-acl", 0640));
    String acl = Commands.run("getfacl", "-cnp", merged.string("own-acl")).succeed().out();
    assertTrue(acl.contains("user:4321:rwx") && acl.contains("#effective:r--"), acl);
  }

  /** acl(5) has an access list set setgid, not a default one, if the caller is not of the group. */
  @Test
  void listsOfOthersTakeSetgidAway() {
    String file = merged.string("others-list");
    merged.directory("others-list");
    String entries = "u::rwx,g::rx,o::rx,u:4321:rwx,m::rwx";
    for (String list : List.of("-d", "")) {
      ok(merged.chown("others-list", Users.NOBODY, 1234));
      ok(merged.chmod("others-list", 02755));
      setfaclAsNobody(list, "-m", entries, file);
      assertEquals(
          list.isEmpty() ? 0775 : 02755, merged.stat("others-list").mode & Mode.PERMISSIONS, list);
    }
    // As on overlayfs, where other file systems leave it.
    ok(merged.chmod("others-list", 02775));
    setfaclAsNobody("-b", file);
    assertEquals(0, merged.stat("others-list").mode & Mode.S_ISGID);
    // A member of the group.
    ok(merged.chmod("others-list", 02775));
    ok(merged.chown("others-list", Users.NOBODY, Users.NOBODY));
    ok(merged.chmod("others-list", 02775));
    setfaclAsNobody("-m", entries, file);
    setfaclAsNobody("-b", file);
    assertEquals(Mode.S_ISGID, merged.stat("others-list").mode & Mode.S_ISGID);
  }

  private static void setfaclAsNobody(String... arguments) {
    List<String> command = new ArrayList<>(List.of("setpriv", "--reuid", "65534", "--regid"));
    command.addAll(List.of("65534", "--clear-groups", "setfacl"));
    Arrays.stream(arguments).filter(argument -> !argument.isEmpty()).forEach(command::add);
    Commands.run(command.toArray(new String[0])).succeed();
  }
}
