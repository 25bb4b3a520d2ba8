package dev.lamina.image.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.ImageException;
import dev.lamina.image.Words;
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

/** Owners, modes, times and extended attributes: from an archive's entry onto an object. */
final class EntryAttributes implements AutoCloseable {
  private static final String DEFAULT_ACL = "system.posix_acl_default";
  private static final String ACCESS_ACL = "system.posix_acl_access";

  /** Labels belong to a machine and its policy, not to an image; Docker leaves them out as well. */
  private static final String SELINUX = "security.selinux";

  private static final long LARGEST_ID = 0xffff_fffeL;

  /** Bytes of default ACLs kept until the end; a layer has a few hundred. */
  private static final long MOST_KEPT = 32 << 20;

  /** Access control lists that are told of one by one; the rest is counted. */
  private static final int MOST_TOLD = 100;

  /** A default ACL that is set when everything is there: what is made below it would inherit. */
  private record DefaultAcl(EntryPath path, byte[] value) {}

  private final NativeMemory value = new NativeMemory(Xattrs.XATTR_SIZE_MAX);
  private final NavigableMap<String, DefaultAcl> defaultAcls = new TreeMap<>();
  private long kept;

  /** Access control lists that may give more rights than they should. */
  private long favouring;

  /** Attributes that were left out and told of. */
  private final Set<String> leftOut = new HashSet<>();

  /**
   * Gives an object all that its entry tells. Owner first, since a change takes capabilities and
   * setuid away; times last.
   *
   * @param dirfd with {@code name}, or with the empty name itself, the object
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

  private static int id(long told, EntryPath path) throws ImageException {
    // Programs that take an ID for a signed number write -2 for 4294967294.
    long id = told == (int) told ? Integer.toUnsignedLong((int) told) : told;
    if (id < 0 || id > LARGEST_ID) {
      throw new ImageException(path + ": no owner or group can have the number " + id);
    }
    return (int) id;
  }

  /** Sets an access control list that an archive has as text, and not as an attribute, too. */
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
            "left out, it has no valid form: the access control list of {} ({})",
            path,
            record);
      }
      return;
    }
    if (!list.unknown().isEmpty() && leftOut.add(AclText.class.getName())) {
      Log.warn(
          EntryAttributes.class,
          "left out of access control lists: users and groups of which the archive tells no number,"
              + " such as {}",
          Words.quote(list.unknown().get(0)));
    }
    List<String> favoured = list.favoured();
    if (!favoured.isEmpty() && favouring++ < MOST_TOLD) {
      Log.warn(
          EntryAttributes.class,
          "{}: its access control list ({}) may give more rights than it should, to {}: the archive"
              + " tells no number of these users or groups, so their entries are left out, and others count in their place",
          path,
          record,
          Words.quote(String.join(", ", favoured)));
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
      // attributes (xattr(7)); an archive that was made elsewhere may tell of some.
      return;
    }
    if (attribute.equals(DEFAULT_ACL)) {
      kept += bytes.length;
      if (kept > MOST_KEPT) {
        throw new ImageException(path + ": too many default access control lists");
      }
      defaultAcls.put(path.key(), new DefaultAcl(path, bytes));
      return;
    }
    set(dirfd, name, attribute, bytes, path);
  }

  /** Sets an attribute, or leaves out one that the file system does not take. */
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
      // Such as those of other systems (com.apple.…); docker and podman leave them out, too.
      Log.warn(
          EntryAttributes.class,
          "left out, this file system does not take it: the extended attribute {}",
          Words.quote(attribute));
    }
  }

  private static void check(int result, String attribute, EntryPath path) throws ImageException {
    if (result < 0) {
      LayerTree.check(result, path, "its extended attribute " + Words.quote(attribute));
    }
  }

  /**
   * Takes away what a directory has from an earlier entry of the same layer. Marks stay: they are
   * not the entry's.
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

  /** To be called when something that is no directory gets a path: what was there has gone. */
  void replaced(EntryPath path) {
    if (!defaultAcls.isEmpty()) {
      String key = path.key();
      defaultAcls.remove(key);
      // A slash, and the character that follows it.
      defaultAcls.subMap(key + '/', key + '0').clear();
    }
  }

  /** Takes away what the layer's own directory inherited from the one it is in. */
  static void clearInherited(int root) {
    Xattrs.remove(root, Linux.EMPTY, DEFAULT_ACL.getBytes(ISO_8859_1));
    Xattrs.remove(root, Linux.EMPTY, ACCESS_ACL.getBytes(ISO_8859_1));
  }

  /** Sets what had to wait until nothing is made any more. */
  void finish(LayerTree tree) throws ImageException {
    if (favouring > MOST_TOLD) {
      Log.warn(
          EntryAttributes.class,
          "{} more access control lists may give more rights than they should",
          favouring - MOST_TOLD);
    }
    for (DefaultAcl acl : defaultAcls.values()) {
      int directory = tree.open(acl.path);
      if (directory == -Errno.ENOENT || directory == -Errno.ENOTDIR || directory == -Errno.ELOOP) {
        // Something else took its place, or that of a directory above it.
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
