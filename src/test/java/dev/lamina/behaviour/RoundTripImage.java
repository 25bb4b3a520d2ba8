package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;

import dev.lamina.sys.Devices;
import dev.lamina.sys.Mode;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Tree;

/**
 * A small tree of all that is easily lost on an image's way, in three layers: the first by {@link
 * #fill}, the others as changes of the mounted image below.
 */
final class RoundTripImage {
  /** Longer than the 100 bytes of a tar header's field. */
  static final String LONG = "n".repeat(200);

  /** No UTF-8. */
  static final String BYTES = "caf\u00e9-\u00ff\u0080";

  /** Modified before 1970. */
  static final String OLD = "times/old";

  /** Has an extended attribute without a value, {@link #EMPTY}. */
  static final String ATTRIBUTES = "attributes";

  static final String EMPTY = "user.empty";

  /** A version 2 file capability (linux/capability.h): cap_net_raw, effective. */
  private static final byte[] NET_RAW = capability(0x20);

  private static final byte[] CHOWN = capability(0x01);

  private RoundTripImage() {}

  private static byte[] capability(int permitted) {
    byte[] value = new byte[20];
    value[0] = 1;
    value[3] = 2;
    value[4] = (byte) permitted;
    return value;
  }

  static void fill(Tree tree) {
    tree.write("bin/setuid", "setuid");
    ok(tree.chown("bin/setuid", 0, 12));
    ok(tree.chmod("bin/setuid", 06755));
    tree.write("bin/capable", "capable");
    ok(tree.setxattr("bin/capable", "security.capability", NET_RAW, 0));
    ok(tree.link("bin/capable", "bin/again"));
    ok(tree.link("bin/capable", BYTES + ".link"));
    tree.write("bin/links/first", "three names");
    ok(tree.link("bin/links/first", "bin/links/second"));
    ok(tree.link("bin/links/first", LONG + ".link"));
    tree.directory("tmp");
    ok(tree.chmod("tmp", 01777));
    ok(tree.mknod("dev-null", Mode.S_IFCHR | 0666, Devices.make(1, 3)));
    ok(tree.mknod("dev-block", Mode.S_IFBLK | 0640, Devices.make(259, 300)));
    ok(tree.mknod("fifo", Mode.S_IFIFO | 0600, 0));
    ok(tree.symlink("../" + BYTES, "symlink-" + BYTES));
    ok(tree.symlink("t".repeat(300), "symlink-long"));
    ok(tree.symlink("bin", "symlink-directory"));
    tree.write(LONG + "/" + LONG + "/" + BYTES, "deep");
    tree.write(BYTES, "bytes");
    tree.write("-name with\nnewline\\040 ", "odd");
    tree.write("empty", "");
    tree.write(ATTRIBUTES, "x");
    ok(tree.setxattr(ATTRIBUTES, "user.binary", "a\0b=c\n\u00ff"));
    ok(tree.setxattr(ATTRIBUTES, EMPTY, ""));
    ok(tree.setxattr(ATTRIBUTES, "user.removed", "x"));
    ok(tree.setxattr("bin", "user.directory", "x"));
    ok(tree.setxattr("", "user.root", "x"));
    Commands.run("setfacl", "-m", "u:1234:rx,d:g:77:w", tree.string("tmp")).succeed();
    tree.write(OLD, "x");
    ok(tree.utimens(OLD, -2, 250_000_001));
    tree.write("times/late", "x");
    // More than the 33 bits that octal digits in a header hold.
    ok(tree.utimens("times/late", 9_000_000_000L, 1));
    tree.write("owners", "x");
    ok(tree.chown("owners", 3_000_000, 4_000_000));
    tree.write("sparse", "head");
    ok(tree.truncate("sparse", 300_000));
    tree.append("sparse", "tail");
    for (String path :
        new String[] {"gone/file", "opaque/lower/file", "opaque/same", "file-directory/inside"}) {
      tree.write(path, "lower");
    }
    tree.write("directory-file", "lower");
    tree.write("kept/a", "a");
    tree.write("kept/b", "b");
    ok(tree.utimens("kept", 1_000_000_000, 123_456_789));
    ok(tree.chmod("", 0751));
    ok(tree.utimens("", 1_234_567_890, 500_000_000));
  }

  /** Deletes, hides and replaces what is in the first layer. */
  static void change(Tree tree) {
    Commands.run("rm", "-r", tree.string("gone")).succeed();
    Commands.run("rm", "-r", tree.string("opaque")).succeed();
    tree.write("opaque/same", "upper");
    tree.write("opaque/new", "upper");
    Commands.run("rm", "-r", tree.string("file-directory")).succeed();
    tree.write("file-directory", "a file now");
    ok(tree.unlink("directory-file"));
    tree.write("directory-file/inside", "a directory now");
    ok(tree.unlink("symlink-directory"));
    tree.write("symlink-directory/inside", "no link now");
    ok(tree.unlink("kept/a"));
    ok(tree.unlink("bin/links/second"));
    ok(tree.link("bin/setuid", "bin/new-name"));
    ok(tree.chmod("bin/setuid", 04711));
    ok(tree.removexattr(ATTRIBUTES, "user.removed"));
    ok(tree.setxattr(ATTRIBUTES, "user.more", "y".repeat(1000)));
    tree.write("bin/both", "setuid and capable");
    ok(tree.chmod("bin/both", 04755));
    ok(tree.setxattr("bin/both", "security.capability", CHOWN, 0));
    ok(tree.rename("times/late", "times/" + BYTES));
    ok(tree.chown("", 7, 8));
  }

  /** Changes again what the second layer has, brings back what it took away. */
  static void changeAgain(Tree tree) {
    tree.write("gone/again", "third");
    Commands.run("rm", "-r", tree.string("opaque")).succeed();
    ok(tree.mkdir("opaque", 0700));
    ok(tree.unlink("file-directory"));
    tree.write("file-directory/third", "a directory again");
    Commands.run("rm", "-r", tree.string("directory-file")).succeed();
    ok(tree.mknod("directory-file", Mode.S_IFIFO | 0644, 0));
    ok(tree.unlink(BYTES));
    ok(tree.mkdir(BYTES, 02775));
    tree.write(BYTES + "/" + LONG, "in a directory of bytes");
    ok(tree.link(BYTES + "/" + LONG, BYTES + "/link"));
    ok(tree.unlink(LONG + ".link"));
    tree.append("kept/b", "c");
    ok(tree.utimens("kept/b", 1_500_000_000, 999_999_999));
    ok(tree.utimens("", 1_600_000_000, 7));
  }
}
