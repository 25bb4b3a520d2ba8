package dev.lamina.image.archive;

import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.layout.LayoutSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * An archive in the format of {@code docker save} from version 1.10 on, which podman and skopeo
 * write as well: a tar with a {@code manifest.json}; {@code docker-archive:} in
 * containers-transports(5).
 */
public final class DockerArchive implements ImageArchive {
  private final TarFiles files;
  private final Path file;
  private final DockerManifest manifest;

  /**
   * @param files which are closed with this object, and also if the constructor throws
   */
  DockerArchive(TarFiles files, Path file) throws IOException {
    this.files = files;
    this.file = file;
    try {
      if (files.size(DockerManifest.FILE) < 0) {
        throw withoutManifest();
      }
      manifest =
          DockerManifest.parse(
              files.describe(DockerManifest.FILE), files.document(DockerManifest.FILE));
    } catch (IOException e) {
      files.close();
      throw e;
    }
  }

  private ImageException withoutManifest() throws IOException {
    String problem = files + " is not an archive of docker save: it has no " + DockerManifest.FILE;
    if (files.size(LayoutSource.MARKER) >= 0) {
      return new ImageException(problem + "; did you mean oci-archive:" + Spool.name(file));
    }
    if (files.size("repositories") >= 0) {
      return new ImageException(
          problem
              + ". If docker before 1.10 wrote it, load it with a newer docker and save it again");
    }
    return new ImageException(problem);
  }

  /** Opens an archive of this kind; the parameters are those of {@link ImageArchive#open}. */
  public static DockerArchive open(Path file, Path temporary) throws IOException {
    return new DockerArchive(new TarFiles(Spool.open(file, temporary), Spool.shown(file)), file);
  }

  @Override
  public List<List<String>> names() {
    return manifest.images().stream().map(DockerManifest.Image::names).toList();
  }

  @Override
  public ImageSource source(int place) throws IOException {
    return new DockerSource(
        files, manifest.images().get(place), "docker-archive:" + Spool.name(file));
  }

  @Override
  public ImageSource source(String name) throws IOException {
    String shown = "docker-archive:" + Spool.name(file) + (name == null ? "" : ":" + name);
    int place = manifest.find(name, files.toString());
    return new DockerSource(files, manifest.images().get(place), shown);
  }

  @Override
  public void close() {
    files.close();
  }
}
