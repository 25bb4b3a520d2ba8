package dev.lamina.image.archive;

import dev.lamina.image.ImageException;
import dev.lamina.image.Messages;
import dev.lamina.image.compress.Compression;
import dev.lamina.image.file.HostPaths;
import dev.lamina.image.layout.LayoutIndex;
import dev.lamina.image.layout.LayoutSource;
import dev.lamina.image.tar.TarEntry;
import dev.lamina.image.tar.TarReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;

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
   * @throws ImageException as {@link #of(TarReader)}
   */
  static ArchiveKind of(Path file) throws IOException {
    boolean isPlain;
    try (InputStream in = Files.newInputStream(file)) {
      byte[] start = in.readNBytes(Compression.MAGIC_SIZE);
      isPlain = Compression.of(start, start.length) == Compression.NONE;
    }
    try (InputStream in = Files.newInputStream(file);
        InputStream tar = isPlain ? in : Compression.decompressed(in)) {
      return of(new TarReader(tar, isPlain ? Files.size(file) : TarReader.UNKNOWN));
    } catch (ImageException e) {
      String shown = Messages.quote(HostPaths.text(file));
      throw new ImageException(shown + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Reads headers until the kind is known.
   *
   * @throws ImageException if the tar is damaged or truncated after its first header
   */
  static ArchiveKind of(TarReader tar) throws IOException {
    TarEntry entry;
    try {
      entry = tar.next();
    } catch (ImageException e) {
      if (tar.isTar()) {
        throw e;
      }
      return NONE;
    }
    ArchiveKind kind = entry == null ? NONE : OTHER;
    boolean hasMarker = false;
    boolean hasIndex = false;
    for (int i = 0; entry != null && i < MOST_MEMBERS; i++, entry = tar.next()) {
      String name = plain(entry.name());
      int slash = name.indexOf('/');
      boolean isSystems = DIRECTORIES.contains(slash < 0 ? name : name.substring(0, slash));
      // No image is written with sparse files.
      if (isSystems || entry.sparse() != null) {
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
