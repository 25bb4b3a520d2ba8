package dev.lamina.sys;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Removes trees of any depth without following symbolic links, and with a limited number of
 * descriptors and a limited stack: directories that are too deep are first moved up, beside the
 * tree, and removed from there.
 */
public final class TreeRemoval {
  private static final int DIRECTORY_FLAGS =
      OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;

  private static final byte[] DOT = {'.'};

  /** The greatest depth of recursion; each level has an open directory. */
  private static final int MOST_LEVELS = 64;

  private final int top;
  private final Deque<byte[]> movedUp = new ArrayDeque<>();

  private TreeRemoval(int top) {
    this.top = top;
  }

  /**
   * Removes an object and everything below it.
   *
   * @param dirfd the directory that contains the object; it may contain parts of the tree for a
   *     while
   * @return 0 or the negative errno: ENOENT if there is no such object
   */
  public static int remove(int dirfd, byte[] name) {
    TreeRemoval removal = new TreeRemoval(dirfd);
    int result = removal.removeTree(dirfd, name, 0);
    return result < 0 ? result : removal.finish();
  }

  /**
   * Removes the contents of a directory, but not the directory itself.
   *
   * @param dirfd a descriptor of the directory, which may be O_PATH
   * @return 0 or the negative errno
   */
  public static int clear(int dirfd) {
    int readable = Linux.openat(dirfd, DOT, DIRECTORY_FLAGS, 0);
    if (readable < 0) {
      return readable;
    }
    try {
      TreeRemoval removal = new TreeRemoval(readable);
      int result = removal.removeContents(readable, 0);
      return result < 0 ? result : removal.finish();
    } finally {
      Linux.close(readable);
    }
  }

  /**
   * Removes a directory and its contents if these include no directory. It stops at the first
   * directory that it finds.
   *
   * @return 0 or the negative errno: EISDIR if the directory contains another one, ENOTDIR if it is
   *     not a directory
   */
  public static int removeFlat(int dirfd, byte[] name) {
    int result = Linux.unlinkat(dirfd, name, Linux.AT_REMOVEDIR);
    if (result != -Errno.ENOTEMPTY && result != -Errno.EEXIST) {
      return result;
    }
    result = removeFlatContents(dirfd, name);
    if (result == -Errno.EACCES && Linux.fchmodat(dirfd, name, 0700) == 0) {
      result = removeFlatContents(dirfd, name);
    }
    return result < 0 ? result : Linux.unlinkat(dirfd, name, Linux.AT_REMOVEDIR);
  }

  private static int removeFlatContents(int dirfd, byte[] name) {
    int directory = Linux.openat(dirfd, name, DIRECTORY_FLAGS, 0);
    if (directory < 0) {
      return directory;
    }
    try {
      List<byte[]> names = new ArrayList<>();
      int result = list(directory, names);
      for (int i = 0; i < names.size() && result >= 0; i++) {
        result = Linux.unlinkat(directory, names.get(i), 0);
      }
      return result;
    } finally {
      Linux.close(directory);
    }
  }

  private int finish() {
    int result = 0;
    while (result >= 0 && !movedUp.isEmpty()) {
      result = removeTree(top, movedUp.poll(), 0);
    }
    return Math.min(result, 0);
  }

  private int removeTree(int dirfd, byte[] name, int level) {
    int result = Linux.unlinkat(dirfd, name, 0);
    if (result != -Errno.EISDIR && result != -Errno.EPERM) {
      return result;
    }
    result = Linux.unlinkat(dirfd, name, Linux.AT_REMOVEDIR);
    if (result != -Errno.ENOTEMPTY && result != -Errno.EEXIST) {
      return result;
    }
    if (level == MOST_LEVELS) {
      byte[] above = newName();
      result = Linux.renameat2(dirfd, name, top, above, 0);
      if (result == 0) {
        movedUp.add(above);
      }
      return result;
    }
    result = openAndRemoveContents(dirfd, name, level + 1);
    if (result == -Errno.EACCES && Linux.fchmodat(dirfd, name, 0700) == 0) {
      // The mode denies access to the owner, and the caller may not override that.
      result = openAndRemoveContents(dirfd, name, level + 1);
    }
    return result < 0 ? result : Linux.unlinkat(dirfd, name, Linux.AT_REMOVEDIR);
  }

  private int openAndRemoveContents(int dirfd, byte[] name, int level) {
    int child = Linux.openat(dirfd, name, DIRECTORY_FLAGS, 0);
    if (child < 0) {
      return child;
    }
    try {
      return removeContents(child, level);
    } finally {
      Linux.close(child);
    }
  }

  private int removeContents(int readableFd, int level) {
    List<byte[]> names = new ArrayList<>();
    int result = list(readableFd, names);
    for (int i = 0; i < names.size() && result >= 0; i++) {
      result = removeTree(readableFd, names.get(i), level);
      if (result == -Errno.ENOENT) {
        // Another process removes the same tree.
        result = 0;
      }
    }
    return result;
  }

  private static int list(int readableFd, List<byte[]> names) {
    DirectoryReader reader = DirectoryReader.ofThread();
    reader.start(readableFd);
    int result;
    while ((result = reader.next()) > 0) {
      names.add(reader.name());
    }
    return result;
  }

  private static byte[] newName() {
    return (".removed-" + Long.toHexString(ThreadLocalRandom.current().nextLong()))
        .getBytes(StandardCharsets.ISO_8859_1);
  }
}
