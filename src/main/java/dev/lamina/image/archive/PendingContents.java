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
 * Contents that are to be written into an archive when all are known: a tar is one stream, and the
 * same images must give the same one, however threads come to put their layers. They are read from
 * where they are only then, so nothing is kept but where that is.
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

  /** By digest. */
  NavigableMap<Digest, Descriptor> descriptors() {
    NavigableMap<Digest, Descriptor> sorted = new TreeMap<>();
    all.forEach((digest, pending) -> sorted.put(digest, pending.descriptor));
    return sorted;
  }

  /** From the first byte on; the caller's to close. */
  InputStream open(Digest digest) throws IOException {
    Pending pending = all.get(digest);
    if (pending == null) {
      throw new ImageException("a part of the image was not given: " + digest);
    }
    return pending.contents.open(0);
  }

  /** A document, whole and verified. */
  byte[] document(Descriptor descriptor) throws IOException {
    try (InputStream in = open(descriptor.digest())) {
      byte[] bytes = in.readNBytes(Json.LONGEST + 1);
      descriptor.verify(bytes);
      return bytes;
    }
  }
}
