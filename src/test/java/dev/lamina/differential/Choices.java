package dev.lamina.differential;

import dev.lamina.sys.Linux;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Random arguments, chosen so that operations meet each other and reach the limits. */
final class Choices {
  private static final int[] MODES = {
    0644, 0755, 0600, 0777, 0444, 0000, 0666, 04755, 02755, 01777, 06711, 02777, 02644
  };
  private static final int[] OWNERS = {0, 0, 0, 1000, 1001};
  private static final int[] OFFSETS = {0, 0, 1, 100, 4095, 4096, 10_000, 70_000};
  private static final int[] SIZES = {0, 1, 10, 100, 4096, 5000, 40_000};

  private static final int ACL_VERSION = 2;
  private static final int ACL_USER_OBJ = 1;
  private static final int ACL_USER = 2;
  private static final int ACL_GROUP_OBJ = 4;
  private static final int ACL_MASK = 0x10;
  private static final int ACL_OTHER = 0x20;

  private final SplittableRandom random;
  private final List<String> names;
  private final boolean namedAcls;
  private final List<Location> used = new ArrayList<>();

  Choices(SplittableRandom random, List<String> names, boolean namedAcls) {
    this.random = random;
    this.names = names;
    this.namedAcls = namedAcls;
  }

  boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  int pick(int... values) {
    return values[random.nextInt(values.length)];
  }

  String pick(String... values) {
    return values[random.nextInt(values.length)];
  }

  /**
   * A place that is likely to be worth going to, as layers or operations were there; now and then
   * one whose name is too long.
   */
  Location place() {
    if (oneIn(150)) {
      return anyPlace().parent().child(Names.TOO_LONG);
    }
    return !used.isEmpty() && random.nextInt(10) < 7
        ? used.get(random.nextInt(used.size()))
        : anyPlace();
  }

  /** Any name in a directory. */
  Location childOf(Location directory) {
    return directory.child(names.get(random.nextInt(names.size())));
  }

  /** A place at most three names deep; hardly ever the root. */
  Location anyPlace() {
    if (oneIn(80)) {
      return Location.ROOT;
    }
    Location at = Location.ROOT;
    int depth = pick(1, 1, 1, 1, 2, 2, 2, 2, 3, 3);
    for (int i = 0; i < depth; i++) {
      at = at.child(names.get(random.nextInt(names.size())));
    }
    return remember(at);
  }

  Location remember(Location at) {
    if (!used.contains(at)) {
      used.add(at);
    }
    return at;
  }

  int mode() {
    return pick(MODES);
  }

  int owner() {
    return pick(OWNERS);
  }

  long offset() {
    return pick(OFFSETS);
  }

  int size() {
    return pick(SIZES);
  }

  int fill() {
    return random.nextInt(256);
  }

  String linkTarget() {
    return switch (random.nextInt(6)) {
      case 0 -> "..";
      case 1 -> "/does/not/exist";
      case 2 -> "l".repeat(1000);
      case 3 -> "../" + names.get(random.nextInt(names.size()));
      default -> names.get(random.nextInt(names.size()));
    };
  }

  Times times() {
    return new Times(seconds(), nanos(), seconds(), nanos());
  }

  private long seconds() {
    return switch (random.nextInt(8)) {
      case 0 -> 0;
      case 1 -> -1000;
      case 2 -> 4_000_000_000L;
      default -> 1_000_000_000L + random.nextInt(400_000_000);
    };
  }

  private int nanos() {
    return switch (random.nextInt(8)) {
      case 0 -> Linux.UTIME_NOW;
      case 1 -> Linux.UTIME_OMIT;
      case 2 -> 0;
      default -> random.nextInt(1_000_000_000);
    };
  }

  /** An attribute's name: free ones, the union's own, ACLs, and some that nobody may set. */
  String attribute() {
    return switch (random.nextInt(16)) {
      case 0, 1, 2, 3 -> "user.one";
      case 4 -> "user.\u00ff two";
      case 5, 6 -> "trusted.one";
      case 7 -> "security.one";
      case 8 -> pick("trusted.overlay.opaque", "trusted.overlay.whiteout");
      case 9 -> pick("trusted.overlay.redirect", "trusted.overlay.metacopy");
      case 10 -> pick("user.overlay.opaque", "user.overlay.whiteout", "user.overlay.redirect");
      case 11, 12 -> "system.posix_acl_access";
      case 13, 14 -> "system.posix_acl_default";
      default -> pick("user.", "nonsense", "system.nonsense", "user." + "x".repeat(250));
    };
  }

  String value() {
    return switch (random.nextInt(5)) {
      case 0 -> "";
      case 1 -> "y";
      case 2 -> "v".repeat(200);
      case 3 -> "\0\u00ff\n";
      default -> "value" + random.nextInt(10);
    };
  }

  /** A value that suits an attribute, or now and then does not. */
  String valueFor(String attribute) {
    if (attribute.equals("user.overlay.opaque")) {
      // On overlayfs a value for users, in the upper it leaves behind a mark that Lamina reads.
      return "no mark";
    }
    return attribute.startsWith("system.posix_acl") && !oneIn(10) ? acl() : value();
  }

  /** The raw value of a valid ACL (linux/posix_acl_xattr.h): little endian. */
  String acl() {
    StringBuilder acl = new StringBuilder();
    little(acl, ACL_VERSION, 4);
    aclEntry(acl, ACL_USER_OBJ, pick(7, 6, 4, 0), -1);
    boolean named = namedAcls && oneIn(2);
    if (named) {
      aclEntry(acl, ACL_USER, pick(7, 6, 4, 0), pick(1000, 1001));
    }
    aclEntry(acl, ACL_GROUP_OBJ, pick(7, 5, 4, 0), -1);
    if (named) {
      aclEntry(acl, ACL_MASK, pick(7, 5, 4, 0), -1);
    }
    aclEntry(acl, ACL_OTHER, pick(7, 5, 4, 0), -1);
    return acl.toString();
  }

  private static void aclEntry(StringBuilder acl, int tag, int permissions, int id) {
    little(acl, tag, 2);
    little(acl, permissions, 2);
    little(acl, id, 4);
  }

  private static void little(StringBuilder out, int value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      out.append((char) (value >>> 8 * i & 0xff));
    }
  }
}
