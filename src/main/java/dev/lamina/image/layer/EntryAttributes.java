package dev.lamina.image.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.ImageException;
import dev.lamina.image.Messages;
import dev.lamina.image.tar.AclText;
import dev.lamina.image.tar.TarEntry;
import dev.lamina.layer.OverlayXattrs;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Log;
import dev.lamina.sys.Memory;
import dev.lamina.sys.Mode;
import dev.lamina.sys.NativeMemory;
import dev.lamina.sys.Xattrs;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * Sets the owner, mode, times and extended attributes of objects from the entries of an archive.
 */
final class EntryAttributes implements AutoCloseable {
  private static final String DEFAULT_ACL = "system.posix_acl_default";
  private static final String ACCESS_ACL = "system.posix_acl_access";

  /**
   * Labels belong to the policy of a machine and not to an image; docker leaves them out as well.
   */
  private static final String SELINUX = "security.selinux";

  private static final long MAX_ID = 0xffff_fffeL;

  /**
   * The limit on the bytes of default ACLs that are kept until the end; a layer has a few hundred.
   */
  private static final long MAX_KEPT = 32 << 20;

  /** How many access control lists are warned of one by one; the others are counted. */
  private static final int MAX_WARNINGS = 100;

  /** A default ACL, which is set at the end: objects made in the directory would inherit it. */
  private record DefaultAcl(EntryPath path, byte[] value) {}

  private final NativeMemory value = new NativeMemory(Xattrs.XATTR_SIZE_MAX);
  private final NavigableMap<String, DefaultAcl> defaultAcls = new TreeMap<>();
  private long kept;

  /** How many access control lists may give more rights than they should. */
  private long excessive;

  /** What was left out, with a warning. */
  private final Set<String> leftOut = new HashSet<>();

  /**
   * Sets all attributes of an object. The owner comes first, since a change of it removes
   * capabilities and the setuid bit; the times come last.
   *
   * @param dirfd the directory of {@code name}, or the object itself when the name is empty
   */
  void apply(int dirfd, byte[] name, TarEntry entry, EntryPath path) throws ImageException {
    int uid = id(entry.uid(), path);
    int gid = id(entry.gid(), path);
    LayerTree.check(Linux.fchownat(dirfd, name, uid, gid), path, "its owner");
    for (Map.Entry<String, String> record : entry.attributes().entrySet()) {
      if (record.getKey().startsWith(TarEntry.XATTR)) {
        String attribute = record.getKey().substring(TarEntry.XATTR.length());
        byte[] bytes = record.getValue().getBytes(ISO_8859_1);
        setXattr(dirfd, name, entry, attribute, bytes, path);
      }
    }
    setAcl(dirfd, name, entry, AclText.ACCESS, ACCESS_ACL, path);
    setAcl(dirfd, name, entry, AclText.DEFAULT, DEFAULT_ACL, path);
    if (!entry.isSymlink()) {
      int mode = entry.mode() & Mode.PERMISSIONS;
      int result = Linux.fchmodat(dirfd, name, mode);
      LayerTree.check(result, path, "its mode");
    }
    Instant modified = entry.modified();
    Instant accessed = entry.accessed() == null ? modified : entry.accessed();
    int result =
        Linux.utimensat(
            dirfd,
            name,
            accessed.getEpochSecond(),
            accessed.getNano(),
            modified.getEpochSecond(),
            modified.getNano());
    LayerTree.check(result, path, "its times");
  }

  private static int id(long stated, EntryPath path) throws ImageException {
    // A program that takes IDs for signed numbers may write -2 for 4294967294.
    long id = stated == (int) stated ? Integer.toUnsignedLong((int) stated) : stated;
    if (id < 0 || id > MAX_ID) {
      throw new ImageException(path + ": its owner or group is out of range: " + id);
    }
    return (int) id;
  }

  /** Sets an access control list that the archive has as text and not also as an attribute. */
  private void setAcl(
      int dirfd, byte[] name, TarEntry entry, String record, String attribute, EntryPath path)
      throws ImageException {
    String text = entry.attributes().get(record);
    boolean isHere =
        text != null
            && !text.isEmpty()
            && entry.attributes().get(TarEntry.XATTR + attribute) == null
            && !entry.isSymlink()
            && (attribute.equals(ACCESS_ACL) || entry.isDirectory());
    if (!isHere) {
      return;
    }
    AclText list = AclText.parse(text);
    if (list == null) {
      if (leftOut.add(record)) {
        Log.warn(
            EntryAttributes.class,
            "the access control list of {} ({}) is malformed and is left out",
            path,
            record);
      }
      return;
    }
    if (!list.unknown().isEmpty() && leftOut.add(AclText.class.getName())) {
      Log.warn(
          EntryAttributes.class,
          "users and groups whose IDs are not in the archive are left out of access control lists,"
              + " such as {}",
          Messages.quote(list.unknown().get(0)));
    }
    List<String> gaining = list.withMoreRights();
    if (!gaining.isEmpty() && excessive++ < MAX_WARNINGS) {
      Log.warn(
          EntryAttributes.class,
          "{}: its access control list ({}) may give more rights than it should, to {}: the archive"
              + " does not have the IDs of these users or groups, so that their entries are left out,"
              + " and other entries apply to them",
          path,
          record,
          Messages.quote(String.join(", ", gaining)));
    }
    setXattr(dirfd, name, entry, attribute, list.bytes(), path);
  }

  private void setXattr(
      int dirfd, byte[] name, TarEntry entry, String attribute, byte[] bytes, EntryPath path)
      throws ImageException {
    boolean isPlain = entry.isRegular() || entry.isDirectory();
    if (attribute.equals(SELINUX)
        || OverlayXattrs.isReserved(attribute.getBytes(ISO_8859_1))
        || !isPlain && attribute.startsWith("user.")) {
      // Marks would make this layer show what lies elsewhere. Links and devices cannot have user
      // attributes (xattr(7)), but an archive from another system may have some for them.
      return;
    }
    if (attribute.equals(DEFAULT_ACL)) {
      kept += bytes.length;
      if (kept > MAX_KEPT) {
        throw new ImageException(path + ": too many default access control lists");
      }
      defaultAcls.put(path.key(), new DefaultAcl(path, bytes));
      return;
    }
    set(dirfd, name, attribute, bytes, path);
  }

  /** Sets an attribute, or leaves it out when the file system does not support it. */
  private void set(int dirfd, byte[] name, String attribute, byte[] bytes, EntryPath path)
      throws ImageException {
    int result = -Errno.ERANGE;
    if (bytes.length <= Xattrs.XATTR_SIZE_MAX) {
      Memory.putBytes(value.address(), bytes, 0, bytes.length);
      byte[] attributeName = attribute.getBytes(ISO_8859_1);
      result = Xattrs.set(dirfd, name, attributeName, value.address(), bytes.length, 0);
    }
    if (result != -Errno.EOPNOTSUPP) {
      check(result, attribute, path);
    } else if (leftOut.add(attribute)) {
      // These are attributes of other systems, for example (com.apple.…); docker and podman leave
      // them out as well.
      Log.warn(
          EntryAttributes.class,
          "the extended attribute {} is left out: this file system does not support it",
          Messages.quote(attribute));
    }
  }

  private static void check(int result, String attribute, EntryPath path) throws ImageException {
    if (result < 0) {
      LayerTree.check(result, path, "its extended attribute " + Messages.quote(attribute));
    }
  }

  /**
   * Removes the attributes that an earlier entry of the same layer gave a directory. Marks are
   * kept, since they do not come from the entry.
   */
  void clear(int dirfd, byte[] name, EntryPath path) throws ImageException {
    int length = Xattrs.list(dirfd, name, value.address(), Xattrs.XATTR_SIZE_MAX);
    LayerTree.check(length == -Errno.EOPNOTSUPP ? 0 : length, path, "its extended attributes");
    byte[] names = new byte[Math.max(length, 0)];
    Memory.getBytes(value.address(), names, 0, names.length);
    for (String attribute : new String(names, ISO_8859_1).split("\0")) {
      byte[] bytes = attribute.getBytes(ISO_8859_1);
      if (!attribute.isEmpty() && !attribute.equals(SELINUX) && !OverlayXattrs.isReserved(bytes)) {
        check(Xattrs.remove(dirfd, name, bytes), attribute, path);
      }
    }
    defaultAcls.remove(path.key());
  }

  /**
   * Forgets the attributes of what was at a path. Must be called when something other than a
   * directory takes its place.
   */
  void replaced(EntryPath path) {
    if (!defaultAcls.isEmpty()) {
      String key = path.key();
      defaultAcls.remove(key);
      // The character '0' follows the slash.
      defaultAcls.subMap(key + '/', key + '0').clear();
    }
  }

  /**
   * Removes the lists that the layer's root directory inherited from the directory in which it was
   * made.
   */
  static void clearInherited(int root) {
    Xattrs.remove(root, Linux.EMPTY, DEFAULT_ACL.getBytes(ISO_8859_1));
    Xattrs.remove(root, Linux.EMPTY, ACCESS_ACL.getBytes(ISO_8859_1));
  }

  /** Sets the default ACLs, when everything has been made. */
  void finish(LayerTree tree) throws ImageException {
    if (excessive > MAX_WARNINGS) {
      Log.warn(
          EntryAttributes.class,
          "{} more access control lists may give more rights than they should",
          excessive - MAX_WARNINGS);
    }
    for (DefaultAcl acl : defaultAcls.values()) {
      int directory = tree.open(acl.path);
      if (directory == -Errno.ENOENT || directory == -Errno.ENOTDIR || directory == -Errno.ELOOP) {
        // Something else has taken its place or that of one of its parents.
        continue;
      }
      LayerTree.check(directory, acl.path, "its default access control list");
      try {
        set(directory, Linux.EMPTY, DEFAULT_ACL, acl.value, acl.path);
      } finally {
        Linux.close(directory);
      }
    }
  }

  @Override
  public void close() {
    value.close();
  }
}
