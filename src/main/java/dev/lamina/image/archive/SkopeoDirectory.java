package dev.lamina.image.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.Document;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.file.HostPaths;
import dev.lamina.image.layout.DirectoryFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * An image in a directory as skopeo writes it to {@code dir:} (containers-transports(5)): a file
 * {@code version}, the registry's manifest in {@code manifest.json}, blobs named by the hexadecimal
 * digits of their digests, and manifests that an index refers to in {@code HEX.manifest.json}.
 */
final class SkopeoDirectory implements ImageSource {
  private static final String VERSION = "version";
  private static final String VERSION_TEXT = "Directory Transport Version: ";
  private static final String MANIFEST = "manifest.json";

  private final Path path;
  private final DirectoryFiles files;

  SkopeoDirectory(Path path) {
    this.path = path;
    files = new DirectoryFiles(path);
  }

  /** Returns true for such a directory, and false for the directory of a root file system. */
  static boolean isOne(Path path) throws IOException {
    // In a root file system, files of these names may be of any type.
    if (!Files.isRegularFile(path.resolve(VERSION), LinkOption.NOFOLLOW_LINKS)
        || !Files.isRegularFile(path.resolve(MANIFEST), LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (InputStream in = new DirectoryFiles(path).open(VERSION, 0)) {
      String start = new String(in.readNBytes(VERSION_TEXT.length()), UTF_8);
      return start.equals(VERSION_TEXT);
    }
  }

  @Override
  public Document document() throws IOException {
    return new Document("", files.document(MANIFEST));
  }

  @Override
  public Document document(Descriptor descriptor) throws IOException {
    String name = name(descriptor.digest()) + "." + MANIFEST;
    byte[] bytes = files.document(name);
    try {
      descriptor.verify(bytes);
    } catch (ImageException e) {
      throw new ImageException(files.describe(name) + ": " + e.getMessage(), e);
    }
    return new Document(descriptor.mediaType(), bytes);
  }

  private static String name(Digest digest) {
    String before = digest.algorithm().equals(Digest.SHA256) ? "" : digest.algorithm() + "-";
    return before + digest.hex();
  }

  @Override
  public InputStream open(Descriptor descriptor, long offset) throws IOException {
    return files.open(name(descriptor.digest()), offset);
  }

  @Override
  public void close() {
    // No file is kept open.
  }

  @Override
  public String toString() {
    return "dir:" + HostPaths.text(path);
  }
}
