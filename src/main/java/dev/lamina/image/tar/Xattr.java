package dev.lamina.image.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.layer.OverlayXattrs;
import java.util.Arrays;
import java.util.List;

/**
 * An extended attribute as the users of a mount see it.
 *
 * @param name with its namespace, such as {@code user.mime_type}
 */
public record Xattr(byte[] name, byte[] value) {
  private static final byte[] CAPABILITY = bytes("security.capability");
  private static final byte[] ACL_PREFIX = bytes("system.posix_acl_");
  private static final byte[] USER_PREFIX = bytes("user.");
  private static final byte[] TRUSTED_PREFIX = bytes("trusted.");

  /**
   * Returns true when an attribute with some name on a layer is part of an image. These are file
   * capabilities, ACLs, attributes of users, and attributes of privileged programs ({@code
   * trusted}).
   *
   * <p>The marks of a layer are not, nor are attributes that have a meaning only on the machine
   * where they were set: labels of its security policy ({@code security.selinux}, {@code
   * security.SMACK64}), signatures over its inodes ({@code security.evm}, {@code security.ima}),
   * and settings of one file system ({@code btrfs.compression}, {@code system.nfs4_acl}), which
   * cannot be set on others.
   */
  public static boolean isOfImage(byte[] stored) {
    return Arrays.equals(stored, CAPABILITY)
        || startsWith(stored, ACL_PREFIX)
        || (startsWith(stored, USER_PREFIX) || startsWith(stored, TRUSTED_PREFIX))
            && !OverlayXattrs.isMark(stored);
  }

  /** Returns true when two lists have the same attributes in the same order. */
  public static boolean areSame(List<Xattr> some, List<Xattr> others) {
    if (some.size() != others.size()) {
      return false;
    }
    for (int i = 0; i < some.size(); i++) {
      Xattr one = some.get(i);
      Xattr other = others.get(i);
      if (!Arrays.equals(one.name, other.name) || !Arrays.equals(one.value, other.value)) {
        return false;
      }
    }
    return true;
  }

  private static boolean startsWith(byte[] name, byte[] prefix) {
    return name.length >= prefix.length
        && Arrays.equals(name, 0, prefix.length, prefix, 0, prefix.length);
  }

  private static byte[] bytes(String name) {
    return name.getBytes(ISO_8859_1);
  }
}
