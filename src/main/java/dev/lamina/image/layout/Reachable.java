package dev.lamina.image.layout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import dev.lamina.image.MediaTypes;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds the blobs that an image in a layout refers to. Every field of a manifest or an index that
 * contains descriptors is followed, including fields that only other tools use, because blobs that
 * are not found here may be removed.
 *
 * <p>Each document is read once, so that cycles end. Their depth and number are limited.
 */
final class Reachable {
  private static final int DEEPEST = 16;
  private static final int MOST_DOCUMENTS = 10_000;
  private static final int MOST_DIGESTS = 200_000;

  /** Fields of the OCI image specification 1.1 and of artifact manifests in its drafts. */
  private static final List<String> LISTS = List.of("manifests", "layers", "blobs");

  private static final String CONFIG = "config";

  private static final List<String> SINGLE = List.of(CONFIG, "subject");

  private final ImageFiles files;
  private final Set<Digest> found = new HashSet<>();
  private final Set<Descriptor> configs = new HashSet<>();
  private final Deque<Step> ahead = new ArrayDeque<>();
  private int documents;

  private record Step(Descriptor descriptor, int depth) {}

  Reachable(ImageFiles files) {
    this.files = files;
  }

  /**
   * Returns all blobs reachable from a root; it may be called once.
   *
   * @throws ImageException if a document is damaged, so that some references are unknown, or if a
   *     limit is exceeded
   */
  ReachableBlobs from(Descriptor root) throws IOException {
    found.add(root.digest());
    ahead.add(new Step(root, 0));
    while (!ahead.isEmpty()) {
      Step step = ahead.removeFirst();
      for (Descriptor part : parts(step)) {
        if (found.add(part.digest())) {
          ahead.addLast(new Step(part, step.depth + 1));
        }
        if (found.size() > MOST_DIGESTS) {
          throw tooMuch(root, "more than " + MOST_DIGESTS + " parts");
        }
      }
      if (documents > MOST_DOCUMENTS) {
        throw tooMuch(root, "more than " + MOST_DOCUMENTS + " manifests");
      }
      if (step.depth > DEEPEST) {
        throw tooMuch(root, "indexes nested more than " + DEEPEST + " deep");
      }
    }
    return new ReachableBlobs(found, configs);
  }

  private ImageException tooMuch(Descriptor root, String what) {
    return new ImageException("the image " + root.digest() + " in " + files + " has " + what);
  }

  private List<Descriptor> parts(Step step) throws IOException {
    String type = step.descriptor.mediaType();
    boolean isDocument = MediaTypes.isIndex(type) || MediaTypes.isManifest(type) || step.depth == 0;
    if (!isDocument || files.size(LayoutSource.path(step.descriptor.digest())) < 0) {
      return List.of();
    }
    documents++;
    byte[] bytes = LayoutSource.document(files, step.descriptor);
    String what = step.descriptor.digest().toString();
    ObjectNode document = Json.parse(what, bytes);
    List<Descriptor> parts = new ArrayList<>();
    for (String field : LISTS) {
      for (JsonNode element : Json.elements(what, document, field)) {
        parts.add(Descriptor.of(what, element));
      }
    }
    for (String field : SINGLE) {
      if (document.path(field).has("digest")) {
        Descriptor part = Descriptor.of(what, document.get(field));
        parts.add(part);
        if (field.equals(CONFIG) && !MediaTypes.isIndex(type)) {
          configs.add(part);
        }
      }
    }
    return parts;
  }
}
