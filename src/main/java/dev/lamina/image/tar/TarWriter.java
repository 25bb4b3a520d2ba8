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
 * Writes a tar archive (ustar with pax extended headers). Names, link targets and attributes are
 * written as the bytes that they are, and times with nanoseconds. The archive holds nothing that
 * depends on more than the tree: no user names, access times or inode numbers.
 *
 * <p>What a ustar header cannot hold is written in pax records: {@code path} and {@code linkpath}
 * of more than 100 bytes or with bytes beyond ASCII, a large {@code size}, {@code uid} or {@code
 * gid}, {@code mtime} before 1970 or with a fraction, and extended attributes as {@code
 * SCHILY.xattr.NAME} (OCI image layer specification, "File Attributes").
 */
public final class TarWriter {
  /**
   * The name of every extended header: a program that does not know extended headers unpacks them
   * as one file.
   */
  private static final String PAX_NAME = "PaxHeaders";

  private static final byte[] ROOT = {'.'};
  private static final FileTime EPOCH = FileTime.fromMillis(0);

  private final OutputStream out;
  private final TarArchiveOutputStream tar;

  /**
   * @param out is not closed; it should be buffered, since it is written in blocks of 512 bytes
   */
  public TarWriter(OutputStream out) {
    this.out = out;
    // Every byte is a character in this encoding.
    tar = new TarArchiveOutputStream(out, ISO_8859_1.name());
    // The pax records have the whole names.
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_TRUNCATE);
    // Large sizes and device numbers are written in base 256 (star, GNU tar); sizes are in pax
    // records as well.
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
   * @throws IllegalArgumentException for a socket, which a tar archive cannot hold
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
   * Writes another name of an object that was written before.
   *
   * <p>The attributes are repeated, as in layers that docker writes: when docker unpacks another
   * name it sets the owner again, for which the kernel removes the file's capabilities, and then
   * sets those that it finds here. Other programs ignore them.
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

  /**
   * Returns as much of a name as the header holds; the library takes quadratic time to truncate it.
   */
  private static String field(byte[] name) {
    return new String(name, 0, Math.min(name.length, TarConstants.NAMELEN), ISO_8859_1);
  }

  /**
   * Returns the same without a slash at its end, except for a directory: the library takes an entry
   * for a directory whose truncated name ends in a slash.
   */
  private static String nameField(byte[] name, byte flag) {
    String field = field(name);
    boolean looksLikeDirectory = flag != TarConstants.LF_DIR && field.endsWith("/");
    return looksLikeDirectory ? field.substring(0, field.length() - 1) : field;
  }

  private static TarArchiveEntry entry(String name, byte flag) {
    TarArchiveEntry entry = new TarArchiveEntry(name, flag, true);
    // The defaults are the names of the current user, and the current time.
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
      pax.add(TarEntry.XATTR + keyword(xattr.name()), xattr.value());
    }
    return pax;
  }

  /**
   * Returns the name of an attribute as part of a keyword, which an equals sign would end. GNU tar
   * writes and reads the sign in this form; other programs have no form for it.
   */
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

  /** Returns the value if a field can hold it, or else 0, since the value is in a pax record. */
  private static long fitting(long value, long largest) {
    return value >= 0 && value <= largest ? value : 0;
  }

  /** Writes data of the current regular file. */
  public void write(byte[] bytes, int offset, int length) throws IOException {
    tar.write(bytes, offset, length);
  }

  /** Ends the current regular file, all of whose data must have been written. */
  public void end() throws IOException {
    tar.closeArchiveEntry();
  }

  /** Ends the archive and flushes it; the stream below stays open. */
  public void finish() throws IOException {
    tar.finish();
    // Finishing the archive does not flush the stream below it.
    out.flush();
  }
}
