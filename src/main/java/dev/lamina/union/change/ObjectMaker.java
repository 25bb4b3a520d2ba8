package dev.lamina.union.change;

/** Makes one object named by (directory descriptor, name). */
@FunctionalInterface
interface ObjectMaker {
  /**
   * Makes the object.
   *
   * @param mode the type and the permission bits, to which the umask has been applied
   * @return a value (for a regular file its descriptor, or 0 from mknod(2)), or the negative errno
   */
  int make(int dirfd, byte[] name, int mode);
}
