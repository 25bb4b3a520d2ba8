package dev.lamina.image.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.sys.Devices;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Writes a tar (ustar with pax extended headers) in which names, link targets and attributes are
 * the bytes they were, times have their nanoseconds, and nothing is said that is not in the tree:
 * no names of users, no access times, no inode numbers.
 *
 * <p>What a ustar header cannot say is in pax records: {@code path} and {@code linkpath} of more
 * than 100 bytes or beyond ASCII, large {@code size}, {@code uid} and {@code gid}, {@code mtime}
 * before 1970 or with a fraction, and extended attributes as {@code SCHILY.xattr.NAME} (OCI image
 * layer specification, "File Attributes").
 */
public final class TarWriter {
  /** Of every extended header: who does not know what it is unpacks one file of this name. */
  private static final String PAX_NAME = "PaxHeaders";

  private static final byte[] ROOT = {'.'};
  private static final FileTime EPOCH = FileTime.fromMillis(0);

  private final OutputStream out;
  private final TarArchiveOutputStream tar;

  /**
   * @param out stays the caller's; should be buffered, since it gets blocks of 512 bytes
   */
  public TarWriter(OutputStream out) {
    this.out = out;
    // Every byte is a character of this encoding.
    tar = new TarArchiveOutputStream(out, ISO_8859_1.name());
    // The whole names are in pax records.
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_TRUNCATE);
    // Large sizes and device numbers are in base 256 (star, GNU tar), and sizes in pax records,
    // too.
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_STAR);
  }

  /**
   * Begins an entry; the data of a regular file follows, exactly {@code stat.size} bytes, by {@link
   * #write} and then {@link #end}.
   *
   * @param path relative, without {@code .}; empty for the root directory
   * @param stat type, mode, owner, modification time, size and device
   * @param linkTarget of a symbolic link, otherwise null
   * @param xattrs in the order in which they are written
   * @throws IllegalArgumentException for a socket, which no tar can hold
   */
  public void put(byte[] path, Stat stat, byte[] linkTarget, List<Xattr> xattrs)
      throws IOException {
    byte flag =
        switch (stat.type()) {
          case Mode.S_IFREG -> TarConstants.LF_NORMAL;
          case Mode.S_IFDIR -> TarConstants.LF_DIR;
          case Mode.S_IFLNK -> TarConstants.LF_SYMLINK;
          case Mode.S_IFCHR -> TarConstants.LF_CHR;
          case Mode.S_IFBLK -> TarConstants.LF_BLK;
          case Mode.S_IFIFO -> TarConstants.LF_FIFO;
          default -> throw new IllegalArgumentException("no entry for the mode " + stat.mode);
        };
    byte[] name = path.length == 0 ? ROOT : path;
    if (flag == TarConstants.LF_DIR) {
      name = Arrays.copyOf(name, name.length + 1);
      name[name.length - 1] = '/';
    }
    put(name, flag, stat, linkTarget, xattrs);
    if (flag != TarConstants.LF_NORMAL) {
      end();
    }
  }

  /**
   * Writes one more name of an object that was written before.
   *
   * <p>The attributes are given again, as docker's own layers have it: unpacking, docker sets the
   * owner of a further name, too, which makes the kernel take a file's capabilities away, and then
   * sets those that it finds here. Others do not mind.
   *
   * @param target the path under which it was written first
   */
  public void putLink(byte[] path, Stat stat, byte[] target, List<Xattr> xattrs)
      throws IOException {
    put(path, TarConstants.LF_LINK, stat, target, xattrs);
    end();
  }

  private void put(byte[] name, byte flag, Stat stat, byte[] target, List<Xattr> xattrs)
      throws IOException {
    long size = flag == TarConstants.LF_NORMAL ? stat.size : 0;
    PaxHeader pax = paxHeader(name, stat, size, target, xattrs);
    if (!pax.isEmpty()) {
      byte[] records = pax.bytes();
      TarArchiveEntry header = entry(PAX_NAME, TarConstants.LF_PAX_EXTENDED_HEADER_LC);
      header.setMode(0644);
      header.setSize(records.length);
      tar.putArchiveEntry(header);
      tar.write(records, 0, records.length);
      tar.closeArchiveEntry();
    }
    TarArchiveEntry entry = entry(nameField(name, flag), flag);
    entry.setMode(stat.mode & Mode.PERMISSIONS);
    entry.setUserId(fitting(Integer.toUnsignedLong(stat.uid), TarConstants.MAXID));
    entry.setGroupId(fitting(Integer.toUnsignedLong(stat.gid), TarConstants.MAXID));
    entry.setSize(size);
    long seconds = fitting(stat.mtimeSeconds, TarConstants.MAXSIZE);
    entry.setLastModifiedTime(FileTime.fromMillis(1000 * seconds));
    if (target != null) {
      entry.setLinkName(field(target));
    }
    if (flag == TarConstants.LF_CHR || flag == TarConstants.LF_BLK) {
      entry.setDevMajor(Devices.major(stat.rdev));
      entry.setDevMinor(Devices.minor(stat.rdev));
    }
    tar.putArchiveEntry(entry);
  }

  /** As much as the header holds: the library takes quadratic time to cut off the rest. */
  private static String field(byte[] name) {
    return new String(name, 0, Math.min(name.length, TarConstants.NAMELEN), ISO_8859_1);
  }

  /** A name that ends in a slash where it is cut off would be a directory to the library. */
  private static String nameField(byte[] name, byte flag) {
    String field = field(name);
    boolean looksLikeDirectory = flag != TarConstants.LF_DIR && field.endsWith("/");
    return looksLikeDirectory ? field.substring(0, field.length() - 1) : field;
  }

  private static TarArchiveEntry entry(String name, byte flag) {
    TarArchiveEntry entry = new TarArchiveEntry(name, flag, true);
    // Otherwise that of whoever runs this, and the time of day.
    entry.setUserName("");
    entry.setGroupName("");
    entry.setLastModifiedTime(EPOCH);
    return entry;
  }

  private static PaxHeader paxHeader(
      byte[] name, Stat stat, long size, byte[] target, List<Xattr> xattrs) {
    PaxHeader pax = new PaxHeader();
    if (!fits(name)) {
      pax.add("path", name);
    }
    if (target != null && !fits(target)) {
      pax.add("linkpath", target);
    }
    if (size > TarConstants.MAXSIZE) {
      pax.add("size", size);
    }
    long uid = Integer.toUnsignedLong(stat.uid);
    if (uid > TarConstants.MAXID) {
      pax.add("uid", uid);
    }
    long gid = Integer.toUnsignedLong(stat.gid);
    if (gid > TarConstants.MAXID) {
      pax.add("gid", gid);
    }
    long mtime = stat.mtimeSeconds;
    if (stat.mtimeNanos != 0 || mtime != fitting(mtime, TarConstants.MAXSIZE)) {
      pax.addTime("mtime", mtime, stat.mtimeNanos);
    }
    for (Xattr xattr : xattrs) {
      pax.add(PaxBytes.XATTR + keyword(xattr.name()), xattr.value());
    }
    return pax;
  }

  /** An equals sign ends a keyword; GNU tar writes and reads one as here, others know none. */
  private static String keyword(byte[] attribute) {
    String name = new String(attribute, ISO_8859_1);
    return name.indexOf('=') < 0 ? name : name.replace("%", "%25").replace("=", "%3D");
  }

  private static boolean fits(byte[] name) {
    if (name.length >= TarConstants.NAMELEN) {
      return false;
    }
    for (byte b : name) {
      if (b < 0) {
        return false;
      }
    }
    return true;
  }

  /** The value if a field can hold it; its pax record counts where it cannot. */
  private static long fitting(long value, long largest) {
    return value >= 0 && value <= largest ? value : 0;
  }

  /** Data of the regular file that was begun. */
  public void write(byte[] bytes, int offset, int length) throws IOException {
    tar.write(bytes, offset, length);
  }

  /** Ends a regular file, all of whose data was written. */
  public void end() throws IOException {
    tar.closeArchiveEntry();
  }

  /**
   * Ends the tar, all of whose entries are written, and flushes it; the stream below stays open.
   */
  public void finish() throws IOException {
    tar.finish();
    // Flushing the tar does not flush what is below it.
    out.flush();
  }
}
