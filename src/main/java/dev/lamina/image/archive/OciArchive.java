package dev.lamina.image.archive;

import dev.lamina.image.Descriptor;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.layout.LayoutImage;
import dev.lamina.image.layout.LayoutIndex;
import dev.lamina.image.layout.LayoutSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The tar of an OCI image layout: {@code oci-archive:} in containers-transports(5). */
public final class OciArchive implements ImageArchive {
  private final TarFiles files;
  private final Path file;
  private final LayoutIndex index;
  private final List<LayoutImage> images;

  /**
   * @param files which are closed with this object, and also if the constructor throws
   */
  OciArchive(TarFiles files, Path file) throws IOException {
    this.files = files;
    this.file = file;
    try {
      if (files.size(LayoutSource.MARKER) < 0 && files.size(DockerManifest.FILE) >= 0) {
        throw new ImageException(
            files
                + " is not the tar of an OCI layout; did you mean docker-archive:"
                + Spool.name(file));
      }
      index = LayoutSource.index(files);
      images = index.images();
    } catch (IOException e) {
      files.close();
      throw e;
    }
  }

  /** Opens an archive of this kind; the parameters are those of {@link ImageArchive#open}. */
  public static OciArchive open(Path file, Path temporary) throws IOException {
    return new OciArchive(new TarFiles(Spool.open(file, temporary), Spool.shown(file)), file);
  }

  @Override
  public List<List<String>> names() {
    List<List<String>> all = new ArrayList<>();
    for (LayoutImage image : images) {
      String name = ArchiveReference.named(image.bestName(), file);
      all.add(name == null ? List.of() : List.of(name));
    }
    return all;
  }

  @Override
  public ImageSource source(int place) {
    return source(images.get(place).descriptor(), "@" + place);
  }

  @Override
  public ImageSource source(String name) throws IOException {
    return source(index.find(name), name);
  }

  private ImageSource source(Descriptor image, String name) {
    return new LayoutSource(
        files, image, "oci-archive:" + Spool.name(file) + (name == null ? "" : ":" + name));
  }

  @Override
  public void close() {
    files.close();
  }
}
