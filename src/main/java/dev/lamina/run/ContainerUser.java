package dev.lamina.run;

import java.util.ArrayList;
import java.util.List;

/**
 * The user and groups of a command, found in /etc/passwd and /etc/group of the root file system by
 * the rules of Docker and runc. A user or group is given by name or by number; a number need not be
 * listed. A user that is listed is in all groups that list it, unless a group is given.
 *
 * @param groups the supplementary groups
 * @param home the home directory; {@code /} for a user without one
 */
record ContainerUser(int uid, int gid, List<Integer> groups, String home) {
  private static final String PASSWD = "/etc/passwd";
  private static final String GROUP = "/etc/group";

  /**
   * The largest file of users or groups that is read, in bytes. Real ones have at most a few
   * hundred KiB.
   */
  private static final int LARGEST = 8 << 20;

  /** The number of groups that Linux allows a process (NGROUPS_MAX). */
  private static final int MOST_GROUPS = 65536;

  /**
   * Finds a user.
   *
   * @param who {@code USER[:GROUP]}, or empty for root
   */
  static ContainerUser find(String who, RootDirectory root) throws RunException {
    int colon = who.indexOf(':');
    String user = colon < 0 ? who : who.substring(0, colon);
    String group = colon < 0 ? "" : who.substring(colon + 1);

    String[] entry = user(user.isEmpty() ? "0" : user, root);
    int uid = number(user);
    int gid = 0;
    String home = "/";
    if (entry != null) {
      uid = number(entry[2]);
      gid = Math.max(number(entry[3]), 0);
      home = entry.length > 5 && !entry[5].isEmpty() ? entry[5] : "/";
    } else if (user.isEmpty()) {
      uid = 0;
    } else if (uid < 0) {
      throw new RunException("there is no user " + Bytes.shown(user) + " in the image's " + PASSWD);
    }
    if (!group.isEmpty()) {
      return new ContainerUser(uid, gid(group, root), List.of(), home);
    }
    return new ContainerUser(uid, gid, entry == null ? List.of() : groups(entry[0], root), home);
  }

  private static String[] user(String user, RootDirectory root) throws RunException {
    int number = number(user);
    for (String[] entry : entries(PASSWD, root)) {
      boolean valid = entry.length >= 4 && number(entry[2]) >= 0;
      if (valid && (entry[0].equals(user) || number >= 0 && number(entry[2]) == number)) {
        return entry;
      }
    }
    return null;
  }

  private static int gid(String group, RootDirectory root) throws RunException {
    int number = number(group);
    for (String[] entry : entries(GROUP, root)) {
      if (entry.length >= 3 && entry[0].equals(group) && number(entry[2]) >= 0) {
        return number(entry[2]);
      }
    }
    if (number < 0) {
      throw new RunException(
          "there is no group " + Bytes.shown(group) + " in the image's " + GROUP);
    }
    return number;
  }

  private static List<Integer> groups(String user, RootDirectory root) throws RunException {
    List<Integer> groups = new ArrayList<>();
    for (String[] entry : entries(GROUP, root)) {
      if (entry.length < 4 || !List.of(entry[3].split(",")).contains(user)) {
        continue;
      }
      int gid = number(entry[2]);
      if (gid >= 0 && !groups.contains(gid) && groups.size() < MOST_GROUPS) {
        groups.add(gid);
      }
    }
    return groups;
  }

  private static List<String[]> entries(String path, RootDirectory root) throws RunException {
    List<String[]> entries = new ArrayList<>();
    byte[] contents = root.read(path, LARGEST);
    if (contents != null) {
      for (String line : Bytes.string(contents).split("\n")) {
        if (!line.isBlank() && !line.startsWith("#")) {
          entries.add(line.strip().split(":", -1));
        }
      }
    }
    return entries;
  }

  /**
   * Returns an ID, or -1 for text that is not one. IDs above the largest int are not taken, since
   * the highest stand for "none" in system calls.
   */
  private static int number(String text) {
    if (text.isEmpty() || text.length() > 10 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return -1;
    }
    long value = Long.parseLong(text);
    return value <= Integer.MAX_VALUE ? (int) value : -1;
  }
}
