package dev.lamina.image.tar;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A POSIX access control list in the form that archives have in pax records: the text forms of
 * acl(5), with commas or newlines between entries. star and libarchive write the ID of a named user
 * or group after the permissions ({@code user:lisa:r-x:502}; star(1), "SCHILY.acl.access"); GNU tar
 * writes the name alone, or the ID in its place where there is no name.
 */
public final class AclText {
  /** The pax record of an access list. */
  public static final String ACCESS = "SCHILY.acl.access";

  /** The pax record of a default list, which objects that are made in a directory inherit. */
  public static final String DEFAULT = "SCHILY.acl.default";

  /** The version and the tags, from linux/posix_acl_xattr.h and linux/posix_acl.h. */
  private static final int VERSION = 2;

  private static final int USER_OBJ = 0x01;
  private static final int USER = 0x02;
  private static final int GROUP_OBJ = 0x04;
  private static final int GROUP = 0x08;
  private static final int MASK = 0x10;
  private static final int OTHER = 0x20;

  /** The permissions to read, write and execute. */
  private static final int ALL = 7;

  private static final int HEADER = 4;
  private static final int ENTRY = 8;

  /** The ID in an entry that is not for a named user or group. */
  private static final long NO_ID = 0xffff_ffffL;

  private static final Pattern FORM =
      Pattern.compile(
          "(?:(u|user|g|group):([^:]*)|(m|mask|o|other):?):([-rwx]{1,3})(?::([0-9]{1,10}))?");

  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,10}");

  private final TreeMap<Long, Integer> permissions = new TreeMap<>();
  private final List<LeftOut> leftOut = new ArrayList<>();

  /** An entry for a user or group whose ID is not known. */
  private record LeftOut(boolean isUser, String name, int rights) {}

  private AclText() {}

  /**
   * Parses a list. An entry that has only the name of a user or group is left out, since only the
   * machine on which the archive was made knew the ID; {@code root} is 0 everywhere. The other
   * entries are kept: without the list, the owning group would have the permissions of the mask.
   *
   * @return null when the text is malformed
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

  /** Returns false when there is such an entry already. */
  private boolean put(int tag, long id, int rights) {
    // The kernel requires entries to be sorted by tag, then by ID.
    return permissions.put((long) tag << Integer.SIZE | id, rights) == null;
  }

  private boolean has(int tag) {
    return permissions.containsKey((long) tag << Integer.SIZE | NO_ID);
  }

  /** Returns whether the list has all required entries, and adds a mask where it needs one. */
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

  /** Returns the names of users and groups whose entries were left out. */
  public List<String> unknown() {
    return leftOut.stream().map(LeftOut::name).toList();
  }

  /**
   * Returns those of them that may have more permissions without their entries. A user then has the
   * permissions of the entries of groups, of any of which the user may be a member, or else those
   * of all others; a member of a group has what the entry of any other of its groups grants, or
   * else what all others have (acl(5), "Access check algorithm").
   */
  public List<String> withMoreRights() {
    return leftOut.stream().filter(this::mayHaveMoreRights).map(LeftOut::name).toList();
  }

  private boolean mayHaveMoreRights(LeftOut entry) {
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
          // The entry of the owner or of a named user applies to that user alone.
        }
      }
    }
    if (entry.isUser) {
      otherwise |= groups & mask;
    }
    return (otherwise & ~(entry.rights & mask)) != 0;
  }

  /**
   * Returns the list as the value of an extended attribute {@code system.posix_acl_access} or
   * {@code system.posix_acl_default} (linux/posix_acl_xattr.h).
   */
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
