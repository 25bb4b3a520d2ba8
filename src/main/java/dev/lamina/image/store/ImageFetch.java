package dev.lamina.image.store;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.Document;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.Json;
import dev.lamina.image.Manifest;
import dev.lamina.image.MediaTypes;
import dev.lamina.image.Messages;
import dev.lamina.image.Platform;
import dev.lamina.image.Progress;
import dev.lamina.image.layout.OciConversion;
import dev.lamina.image.layout.OciLayout;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Copies images into the store, several layers at once. */
final class ImageFetch {
  /** How many layers at once: receiving and decompressing one does not fill two processors. */
  private static final int AT_ONCE = 3;

  /** How many indexes may lie within each other above the manifest. */
  private static final int DEEPEST_INDEX = 4;

  private final OciLayout layout;
  private final LayerStore layers;
  private final Workspace workspace;
  private final Lease lease;
  private final Progress progress;

  ImageFetch(
      OciLayout layout, LayerStore layers, Workspace workspace, Lease lease, Progress progress) {
    this.layout = layout;
    this.layers = layers;
    this.workspace = workspace;
    this.lease = lease;
    this.progress = progress;
  }

  /**
   * Copies an image into the store, without giving it a name.
   *
   * @return the image without names
   */
  StoredImage fetch(ImageSource source, Platform platform) throws IOException {
    // Other tools could not read Docker's form in the store's layout.
    Document document = OciConversion.of(manifest(source, platform));
    Manifest manifest = document.manifest();
    for (Descriptor layer : manifest.layers()) {
      if (MediaTypes.isEncrypted(layer.mediaType())) {
        throw new ImageException(
            "the image's layers are encrypted: decrypt them first, with skopeo copy"
                + " --decryption-key");
      }
    }
    if (!MediaTypes.isConfig(manifest.config().mediaType())) {
      throw new ImageException(
          source
              + " is not a container image but another kind of artifact: "
              + Messages.quote(manifest.config().mediaType()));
    }
    Set<Digest> needed = new HashSet<>();
    needed.add(document.digest());
    needed.add(manifest.config().digest());
    manifest.layers().forEach(layer -> needed.add(layer.digest()));
    lease.add(needed);

    byte[] configBytes = config(source, manifest.config());
    ImageConfig config = ImageConfig.parse(configBytes);
    List<Digest> diffIds = config.diffIds();
    if (diffIds.size() != manifest.layers().size()) {
      throw new ImageException(
          "the image's manifest has "
              + manifest.layers().size()
              + " layers, its configuration "
              + diffIds.size());
    }
    lease.add(diffIds);
    fetchLayers(source, manifest.layers(), diffIds);
    layout.write(manifest.config().mediaType(), configBytes);
    Descriptor written = layout.write(manifest.mediaType(), document.bytes());
    return new StoredImage(List.of(), written, manifest, config);
  }

  static Document manifest(ImageSource source, Platform platform) throws IOException {
    Document document = source.document();
    for (int depth = 0; document.isIndex(); depth++) {
      if (depth == DEEPEST_INDEX) {
        throw new ImageException(source + ": its indexes are nested too deeply");
      }
      Descriptor chosen = document.index().choose(platform);
      document = source.document(chosen);
      chosen.verify(document.bytes());
    }
    return document;
  }

  private static byte[] config(ImageSource source, Descriptor descriptor) throws IOException {
    if (descriptor.size() > Json.LONGEST) {
      throw new ImageException(
          "the image's configuration is too large: " + descriptor.size() + " bytes");
    }
    try (InputStream in = source.open(descriptor, 0)) {
      byte[] bytes = in.readNBytes((int) descriptor.size() + 1);
      descriptor.verify(bytes);
      return bytes;
    }
  }

  /**
   * Makes sure that layers are in the store.
   *
   * @param source of blobs that the store does not have; null for none
   */
  void fetchLayers(ImageSource source, List<Descriptor> blobs, List<Digest> diffIds)
      throws IOException {
    LayerFetch fetch = new LayerFetch(layout, layers, workspace, progress);
    ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
    try {
      ExecutorCompletionService<Void> tasks = new ExecutorCompletionService<>(threads);
      Set<List<Digest>> asked = new HashSet<>();
      for (int i = 0; i < blobs.size(); i++) {
        Descriptor blob = blobs.get(i);
        Digest diffId = diffIds.get(i);
        if (asked.add(List.of(blob.digest(), diffId))) {
          tasks.submit(
              () -> {
                fetch.fetch(source, blob, diffId);
                return null;
              });
        }
      }
      for (int i = 0; i < asked.size(); i++) {
        tasks.take().get();
      }
    } catch (InterruptedException e) {
      fetch.cancel();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (ExecutionException e) {
      fetch.cancel();
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } finally {
      end(threads);
    }
  }

  /** Waits until they have ended: they would write to a directory that is being removed. */
  private static void end(ExecutorService threads) {
    threads.shutdownNow();
    boolean interrupted = false;
    while (!threads.isTerminated()) {
      try {
        threads.awaitTermination(1, TimeUnit.HOURS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
