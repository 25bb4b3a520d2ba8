package dev.lamina.image.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.DigestingInput;
import dev.lamina.image.Document;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageSource;
import dev.lamina.image.ImageTarget;
import dev.lamina.image.Manifest;
import dev.lamina.image.Platform;
import dev.lamina.image.compress.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * The content of an image in any form of storage: the digests of its configuration and of each
 * layer's tar, which have been read completely and verified against the descriptors.
 */
public record ImageFacts(Digest config, List<Digest> layers) {
  public static ImageFacts of(ImageSource source) throws IOException {
    try (source) {
      Manifest manifest = manifest(source);
      byte[] config;
      try (InputStream in = source.open(manifest.config(), 0)) {
        config = in.readAllBytes();
      }
      manifest.config().verify(config);
      List<Digest> layers = new ArrayList<>();
      for (Descriptor layer : manifest.layers()) {
        try (DigestingInput whole = new DigestingInput(source.open(layer, 0));
            DigestingInput tar = new DigestingInput(Compression.decompressed(whole))) {
          tar.transferTo(OutputStream.nullOutputStream());
          assertEquals(layer.size(), whole.count());
          assertEquals(layer.digest(), whole.digest());
          layers.add(tar.digest());
        }
      }
      assertEquals(ImageConfig.parse(config).diffIds(), layers);
      return new ImageFacts(Digest.of(config), layers);
    }
  }

  private static Manifest manifest(ImageSource source) throws IOException {
    Document document = source.document();
    return document.isIndex()
        ? source.document(document.index().choose(Platform.host())).manifest()
        : document.manifest();
  }

  /** Copies an image as the commands do. */
  public static void copy(ImageSource source, ImageTarget target) throws IOException {
    try (source;
        target) {
      Document document = source.document();
      for (Descriptor part : document.manifest().parts()) {
        if (!target.has(part)) {
          target.put(part, offset -> source.open(part, offset));
        }
      }
      target.putManifest(document);
    }
  }
}
