package dev.lamina.image.tar;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * POSIX access control lists as archives have them in PAX records: the text forms of acl(5), with
 * commas or newlines between entries. star and libarchive write a number behind the permissions of
 * a named user or group ({@code user:lisa:r-x:502}; star(1), "SCHILY.acl.access"), GNU tar the name
 * alone, or in its place the number of one that has none.
 */
public final class AclText {
  /** The PAX record of the list that controls access. */
  public static final String ACCESS = "SCHILY.acl.access";

  /** The PAX record of the list that what is made in a directory begins with. */
  public static final String DEFAULT = "SCHILY.acl.default";

  /** Tags and the version of linux/posix_acl_xattr.h and linux/posix_acl.h. */
  private static final int VERSION = 2;

  private static final int USER_OBJ = 0x01;
  private static final int USER = 0x02;
  private static final int GROUP_OBJ = 0x04;
  private static final int GROUP = 0x08;
  private static final int MASK = 0x10;
  private static final int OTHER = 0x20;

  /** To read, to write and to execute. */
  private static final int ALL = 7;

  private static final int HEADER = 4;
  private static final int ENTRY = 8;

  /** Stands where an entry has no number of its own. */
  private static final long NO_ID = 0xffff_ffffL;

  private static final Pattern FORM =
      Pattern.compile(
          "(?:(u|user|g|group):([^:]*)|(m|mask|o|other):?):([-rwx]{1,3})(?::([0-9]{1,10}))?");

  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,10}");

  private final TreeMap<Long, Integer> permissions = new TreeMap<>();
  private final List<LeftOut> leftOut = new ArrayList<>();

  /** An entry of which nobody knows whose it is. */
  private record LeftOut(boolean isUser, String name, int rights) {}

  private AclText() {}

  /**
   * Reads a list. An entry of a user or group of which there is only a name is left out, since
   * whose name it is only the machine knew that the archive was made on; {@code root} is 0
   * everywhere. The other entries stay: without the list the group's own rights would be those of
   * the mask.
   *
   * @return null where the text has no valid form
   */
  public static AclText parse(String text) {
    AclText list = new AclText();
    for (String line : text.split("[,\n]")) {
      String entry = line.replaceFirst("#.*", "").strip();
      if (!entry.isEmpty() && !list.add(entry)) {
        return null;
      }
    }
    return list.complete() ? list : null;
  }

  private boolean add(String entry) {
    Matcher form = FORM.matcher(entry);
    if (!form.matches()) {
      return false;
    }
    int rights = 0;
    for (char right : form.group(4).toCharArray()) {
      rights |= right == 'r' ? 4 : right == 'w' ? 2 : right == 'x' ? 1 : 0;
    }
    if (form.group(3) != null) {
      return put(form.group(3).startsWith("m") ? MASK : OTHER, NO_ID, rights);
    }
    boolean isUser = form.group(1).startsWith("u");
    String name = form.group(2);
    if (name.isEmpty()) {
      return put(isUser ? USER_OBJ : GROUP_OBJ, NO_ID, rights);
    }
    String number = form.group(5) != null ? form.group(5) : name.equals("root") ? "0" : name;
    if (!NUMBER.matcher(number).matches()) {
      leftOut.add(new LeftOut(isUser, name, rights));
      return true;
    }
    long id = Long.parseLong(number);
    return id < NO_ID && put(isUser ? USER : GROUP, id, rights);
  }

  /** False where there is one already. */
  private boolean put(int tag, long id, int rights) {
    // Sorted by tags, then by numbers, as the kernel wants them.
    return permissions.put((long) tag << Integer.SIZE | id, rights) == null;
  }

  private boolean has(int tag) {
    return permissions.containsKey((long) tag << Integer.SIZE | NO_ID);
  }

  /** Whether the entries that every list has are there; makes the mask, where one is missing. */
  private boolean complete() {
    boolean needsMask = false;
    int mask = 0;
    for (var entry : permissions.entrySet()) {
      int tag = (int) (entry.getKey() >>> Integer.SIZE);
      needsMask |= tag == USER || tag == GROUP;
      mask |= tag == USER || tag == GROUP || tag == GROUP_OBJ ? entry.getValue() : 0;
    }
    if (needsMask && !has(MASK)) {
      put(MASK, NO_ID, mask);
    }
    return has(USER_OBJ) && has(GROUP_OBJ) && has(OTHER);
  }

  /** The names of users and groups whose entries were left out. */
  public List<String> unknown() {
    return leftOut.stream().map(LeftOut::name).toList();
  }

  /**
   * Those of them that may have more rights without their entries. For a user then count the
   * entries of groups, of which any may be the user's, and else that of all others; a group's
   * members have what any entry of their groups gives them, and else what all others have (acl(5),
   * "Access check algorithm").
   */
  public List<String> favoured() {
    return leftOut.stream().filter(this::isFavoured).map(LeftOut::name).toList();
  }

  private boolean isFavoured(LeftOut entry) {
    int mask = ALL;
    int groups = 0;
    int otherwise = 0;
    for (var kept : permissions.entrySet()) {
      int rights = kept.getValue();
      switch ((int) (kept.getKey() >>> Integer.SIZE)) {
        case GROUP_OBJ, GROUP -> groups |= rights;
        case MASK -> mask = rights;
        case OTHER -> otherwise = rights;
        default -> {
          // Of one user, and it stays so.
        }
      }
    }
    if (entry.isUser) {
      otherwise |= groups & mask;
    }
    return (otherwise & ~(entry.rights & mask)) != 0;
  }

  /** As the value of an extended attribute {@code system.posix_acl_}… (linux/posix_acl_xattr.h). */
  public byte[] bytes() {
    ByteBuffer buffer =
        ByteBuffer.allocate(HEADER + ENTRY * permissions.size()).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(VERSION);
    permissions.forEach(
        (key, rights) -> {
          buffer.putShort((short) (key >>> Integer.SIZE));
          buffer.putShort(rights.shortValue());
          buffer.putInt(key.intValue());
        });
    return buffer.array();
  }
}
