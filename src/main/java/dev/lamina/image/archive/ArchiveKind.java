package dev.lamina.image.archive;

import dev.lamina.image.ImageException;
import dev.lamina.image.Words;
import dev.lamina.image.compress.Compression;
import dev.lamina.image.file.HostPaths;
import dev.lamina.image.layout.LayoutIndex;
import dev.lamina.image.layout.LayoutSource;
import dev.lamina.image.tar.TarHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/** The kind of a tar, which follows from the names of its members. */
enum ArchiveKind {
  /** An OCI image layout, whatever else it contains. */
  OCI,

  /** The output of {@code docker save}, without a layout. */
  DOCKER,

  /** Another tar, for example of a root file system. */
  OTHER,

  /** No tar, or a tar without members. */
  NONE;

  /** Archives of images have at most a few thousand members. */
  private static final int MOST_MEMBERS = 200_000;

  /** Directories that root file systems have and archives of images do not: reading ends there. */
  private static final Set<String> DIRECTORIES =
      Set.of(
          "bin", "boot", "dev", "etc", "home", "lib", "lib64", "media", "mnt", "opt", "proc",
          "root", "run", "sbin", "srv", "sys", "tmp", "usr", "var");

  /** The archives of docker before 1.10, which wrote no manifest.json. */
  private static final Pattern OLD_IMAGE = Pattern.compile("[0-9a-f]{64}/json");

  /**
   * Determines the kind of a regular file, which may be compressed.
   *
   * @throws ImageException as {@link #of(TarHeaders)}
   */
  static ArchiveKind of(Path file) throws IOException {
    String shown = Words.quote(HostPaths.text(file));
    boolean isPlain;
    try (InputStream in = Files.newInputStream(file)) {
      byte[] start = in.readNBytes(Compression.MAGIC_SIZE);
      isPlain = Compression.of(start, start.length) == Compression.NONE;
    }
    try (InputStream in = Files.newInputStream(file)) {
      return isPlain ? of(new TarHeaders(in, Files.size(file), shown)) : ofCompressed(in, shown);
    }
  }

  private static ArchiveKind ofCompressed(InputStream in, String shown) throws IOException {
    try (InputStream tar = Compression.decompressed(in)) {
      return of(new TarHeaders(tar, TarHeaders.UNKNOWN, shown));
    } catch (ImageException e) {
      throw new ImageException(shown + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Reads headers until the kind is known.
   *
   * @throws ImageException if the tar is damaged or truncated after its first header
   */
  static ArchiveKind of(TarHeaders headers) throws IOException {
    TarArchiveEntry entry;
    try {
      entry = headers.next();
    } catch (ImageException e) {
      if (headers.isTar()) {
        throw e;
      }
      return NONE;
    }
    ArchiveKind kind = entry == null ? NONE : OTHER;
    boolean hasMarker = false;
    boolean hasIndex = false;
    for (int i = 0; entry != null && i < MOST_MEMBERS; i++, entry = headers.next()) {
      String name = plain(entry.getName());
      int slash = name.indexOf('/');
      boolean isSystems = DIRECTORIES.contains(slash < 0 ? name : name.substring(0, slash));
      // The length of a sparse file's data is unknown, and no archive of images has sparse files.
      if (isSystems || entry.isSparse()) {
        return OTHER;
      }
      hasMarker |= name.equals(LayoutSource.MARKER);
      hasIndex |= name.equals(LayoutIndex.FILE);
      if (hasMarker && hasIndex) {
        return OCI;
      }
      if (name.equals(DockerManifest.FILE) || OLD_IMAGE.matcher(name).matches()) {
        kind = DOCKER;
      }
    }
    return kind;
  }

  private static String plain(String name) {
    String plain = name;
    while (plain.startsWith("./") || plain.startsWith("/")) {
      plain = plain.substring(plain.indexOf('/') + 1);
    }
    return plain;
  }
}
