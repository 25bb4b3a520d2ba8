package dev.lamina.image.archive;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageTarget.Contents;
import dev.lamina.image.Json;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Content that is written to an archive once all of it is known. A tar is one stream, and the same
 * images must give the same tar in whatever order threads put their layers. Only the way to read
 * the content is kept; it is read when it is written.
 */
final class PendingContents {
  private final Map<Digest, Pending> all = new ConcurrentHashMap<>();

  private record Pending(Descriptor descriptor, Contents contents) {}

  boolean has(Descriptor descriptor) {
    Pending pending = all.get(descriptor.digest());
    return pending != null && pending.descriptor.size() == descriptor.size();
  }

  void put(Descriptor descriptor, Contents contents) {
    all.put(descriptor.digest(), new Pending(descriptor, contents));
  }

  /** Returns the descriptors, sorted by digest. */
  NavigableMap<Digest, Descriptor> descriptors() {
    NavigableMap<Digest, Descriptor> sorted = new TreeMap<>();
    all.forEach((digest, pending) -> sorted.put(digest, pending.descriptor));
    return sorted;
  }

  /** Opens content at its first byte. The caller closes the stream. */
  InputStream open(Digest digest) throws IOException {
    Pending pending = all.get(digest);
    if (pending == null) {
      throw new ImageException("the image is incomplete: it has no blob " + digest);
    }
    return pending.contents.open(0);
  }

  /** Reads and verifies a document. */
  byte[] document(Descriptor descriptor) throws IOException {
    try (InputStream in = open(descriptor.digest())) {
      byte[] bytes = in.readNBytes(Json.LONGEST + 1);
      descriptor.verify(bytes);
      return bytes;
    }
  }
}
