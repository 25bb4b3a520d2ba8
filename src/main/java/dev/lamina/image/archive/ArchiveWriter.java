package dev.lamina.image.archive;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Document;
import dev.lamina.image.ImageTarget;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes a tar with one or more images. {@link ImageTarget.Contents} that are put into its targets
 * must stay readable until {@link #finish}, which reads them, possibly for the second time. An
 * existing file is replaced at the end; a writer that is closed before that leaves nothing.
 */
public abstract class ArchiveWriter implements Closeable {
  private final ArchiveOutput output;
  final PendingContents contents = new PendingContents();

  /**
   * @param file as the user named it; {@code -} is standard output, {@code ./-} a file of that name
   */
  ArchiveWriter(Path file) throws IOException {
    output = new ArchiveOutput(file);
  }

  /**
   * Returns a target for one of several images.
   *
   * @param names of the image in the archive; may be empty
   */
  public final ImageTarget target(List<String> names) {
    return new Target(this, List.copyOf(names), false);
  }

  /**
   * Returns the target for the only image. Its manifest finishes the archive, and closing the
   * target closes the archive.
   *
   * @param name null for no name
   */
  public final ImageTarget only(String name) {
    return new Target(this, name == null ? List.of() : List.of(name), true);
  }

  /** Prepares content that has been put, in the thread that put it. */
  abstract void prepare(Descriptor descriptor) throws IOException;

  /** Adds an image whose configuration and layers have been put. */
  abstract void add(List<String> names, Document manifest) throws IOException;

  /** Writes all members. */
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
