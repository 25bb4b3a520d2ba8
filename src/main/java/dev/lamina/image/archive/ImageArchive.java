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
 * An open tar with images. Any number of threads may read it at once. Its sources must be closed
 * before the archive is closed.
 */
public interface ImageArchive extends Closeable {
  /**
   * Opens an archive of either kind, which is determined from its members. An archive of both
   * kinds, which docker writes since version 25, is opened as an OCI layout: there the manifests
   * are the same as in the registry.
   *
   * @param file as the user named it; {@code -} is standard input, {@code ./-} a file of that name
   * @param temporary a directory for the copy of an archive that is compressed or comes from a
   *     pipe; the copy has no name and is removed when the archive is closed
   * @throws ImageException if it is of neither kind
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
                + (kind == ArchiveKind.OTHER
                    ? " is a tar without images: it has neither an oci-layout nor a manifest.json"
                    : " is not a tar"));
    }
  }

  /** Returns the names of each image in the archive's order; the list may be empty. */
  List<List<String>> names();

  /**
   * Returns the image at a position.
   *
   * @param place the index in {@link #names}
   */
  ImageSource source(int place) throws IOException;

  /**
   * Returns the image of a name.
   *
   * @param name null for the only image; {@code @N} for the image at that position
   * @throws ImageException if there is no such image or more than one; the message lists the images
   */
  ImageSource source(String name) throws IOException;

  /**
   * Returns one image of an archive. The archive is closed with the source, and also if this method
   * throws.
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
