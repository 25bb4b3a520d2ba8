package dev.lamina.image.archive;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Document;
import dev.lamina.image.ImageTarget;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes a tar with one or more images. What is put into its targets is read only at {@link
 * #finish}, or twice: {@link ImageTarget.Contents} must be there until then. Closed before that, it
 * leaves nothing; a file that was there before is replaced at the end.
 */
public abstract class ArchiveWriter implements Closeable {
  private final ArchiveOutput output;
  final PendingContents contents = new PendingContents();

  /**
   * @param file the user's; {@code -} is standard output, and a file of that name {@code ./-}
   */
  ArchiveWriter(Path file) throws IOException {
    output = new ArchiveOutput(file);
  }

  /**
   * Where one of the images is written to.
   *
   * @param names that it gets, by which it is found in the archive; may be empty
   */
  public final ImageTarget target(List<String> names) {
    return new Target(this, List.copyOf(names), false);
  }

  /**
   * Where the only image is written to. The archive is finished with its manifest, and closed with
   * the target.
   *
   * @param name null for none
   */
  public final ImageTarget only(String name) {
    return new Target(this, name == null ? List.of() : List.of(name), true);
  }

  /** Looks at contents that were given, so that threads share what must be done beforehand. */
  abstract void prepare(Descriptor descriptor) throws IOException;

  /** Takes an image, all of whose contents were given. */
  abstract void add(List<String> names, Document manifest) throws IOException;

  /** Writes everything. */
  abstract void write(TarOutput tar) throws IOException;

  /** Writes the archive. */
  public final void finish() throws IOException {
    try (TarOutput tar = new TarOutput(output.stream())) {
      write(tar);
      tar.finish();
    }
    output.commit();
  }

  @Override
  public final void close() throws IOException {
    output.close();
  }

  private record Target(ArchiveWriter writer, List<String> names, boolean isOnly)
      implements ImageTarget {
    @Override
    public boolean has(Descriptor descriptor) {
      return writer.contents.has(descriptor);
    }

    @Override
    public void put(Descriptor descriptor, Contents contents) throws IOException {
      writer.contents.put(descriptor, contents);
      writer.prepare(descriptor);
    }

    @Override
    public void putManifest(Document manifest) throws IOException {
      synchronized (writer) {
        writer.add(names, manifest);
      }
      if (isOnly) {
        writer.finish();
      }
    }

    @Override
    public void close() throws IOException {
      if (isOnly) {
        writer.close();
      }
    }
  }
}
