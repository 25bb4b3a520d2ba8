package dev.lamina.differential;

/**
 * What the tested mount can do, so that no scenario asks for more.
 *
 * @param renameFlags it knows renameat2(2)
 * @param namedAcls the kernel enforces POSIX ACLs on it; where it does not, no scenario has both an
 *     ACL that says more than the mode and users whom it concerns
 * @param byInode it finds open files by their inode; where it needs a path, what loses its path is
 *     not compared
 */
record Abilities(boolean renameFlags, boolean namedAcls, boolean byInode) {
  /** As overlayfs. */
  static final Abilities ALL = new Abilities(true, true, true);
}
