package dev.lamina.image.archive;

import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.file.HostFile;
import dev.lamina.image.tar.TarReader;
import dev.lamina.sys.Fd;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/**
 * A tar with images in it, open. Any number of threads may read at once; the sources must be closed
 * before the archive is.
 */
public interface ImageArchive extends Closeable {
  /**
   * Opens an archive of either kind, which its members tell. What is both, as docker writes since
   * version 25, is an OCI layout: there manifests are what they were in the registry.
   *
   * @param file the user's; {@code -} is standard input, and a file of that name {@code ./-}
   * @param temporary a directory for a copy, which takes an archive that is compressed or comes
   *     from a pipe; it has no name and goes when the archive is closed
   * @throws ImageException when it is neither kind
   */
  static ImageArchive open(Path file, Path temporary) throws IOException {
    Fd fd = Spool.open(file, temporary);
    String shown = Spool.shown(file);
    ArchiveKind kind;
    try (InputStream in = HostFile.input(fd, 0)) {
      kind = ArchiveKind.of(new TarReader(in, HostFile.stat(fd, shown).size));
    } catch (ImageException e) {
      fd.close();
      throw new ImageException(shown + " cannot be read: " + e.getMessage(), e);
    } catch (IOException e) {
      fd.close();
      throw e;
    }
    switch (kind) {
      case OCI:
        return new OciArchive(new TarFiles(fd, shown), file);
      case DOCKER:
        return new DockerArchive(new TarFiles(fd, shown), file);
      default:
        fd.close();
        throw new ImageException(
            shown
                + (kind == ArchiveKind.OTHER ? " is a tar without images" : " is not a tar")
                + ": it has neither an oci-layout nor a manifest.json");
    }
  }

  /** Names of each image, in the archive's order; one without a name has an empty list. */
  List<List<String>> names();

  /**
   * The image at a place.
   *
   * @param place in {@link #names}
   */
  ImageSource source(int place) throws IOException;

  /**
   * The image of a name.
   *
   * @param name null for the only image; {@code @N} for the one at that place
   * @throws ImageException when there is none, or not only one; it lists the names there are
   */
  ImageSource source(String name) throws IOException;

  /**
   * One image of an archive, which is closed with it, and when this throws.
   *
   * @param name as for {@link #source(String)}
   */
  static ImageSource only(ImageArchive archive, String name) throws IOException {
    try {
      return new OwningSource(archive.source(name), archive);
    } catch (IOException e) {
      archive.close();
      throw e;
    }
  }
}
