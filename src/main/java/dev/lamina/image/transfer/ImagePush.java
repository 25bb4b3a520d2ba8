package dev.lamina.image.transfer;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Document;
import dev.lamina.image.ImageSource;
import dev.lamina.image.ImageTarget;
import dev.lamina.image.Manifest;
import dev.lamina.image.Progress;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Sends an image of the store to a target, several layers at once. */
public final class ImagePush {
  private static final int AT_ONCE = 3;

  private final Progress progress;

  /**
   * @param progress is told of contents that need not be sent; the target reports the others
   */
  public ImagePush(Progress progress) {
    this.progress = progress;
  }

  /**
   * Sends what the target has not got yet, and then the manifest.
   *
   * @param source with one manifest, not an index
   */
  public void send(ImageSource source, ImageTarget target) throws IOException {
    Document document = source.document();
    Manifest manifest = document.manifest();
    List<Callable<Void>> tasks = new ArrayList<>();
    for (Descriptor layer : manifest.layers().stream().distinct().toList()) {
      tasks.add(() -> send(source, target, layer));
    }
    tasks.add(() -> send(source, target, manifest.config()));
    ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
    try {
      for (Future<Void> task : threads.invokeAll(tasks)) {
        task.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } finally {
      threads.shutdownNow();
    }
    target.putManifest(document);
  }

  private Void send(ImageSource source, ImageTarget target, Descriptor contents)
      throws IOException {
    if (target.has(contents)) {
      progress.started(contents);
      progress.finished(contents);
    } else {
      target.put(contents, offset -> source.open(contents, offset));
    }
    return null;
  }
}
