package dev.lamina.image.store;

import dev.lamina.image.BlockInput;
import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.DigestingInput;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.Progress;
import dev.lamina.image.file.FileLock;
import dev.lamina.image.layout.BlobWriter;
import dev.lamina.image.layout.OciLayout;
import dev.lamina.sys.Log;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Gets one layer into the store: its blob and its tree, whichever is missing. What is received is
 * written as a blob, decompressed, verified and unpacked at the same time, and is put in place only
 * when all of it is right.
 */
final class LayerFetch {
  /** How many bytes are still read after a failure, to find out whether the blob is damaged. */
  private static final long MOST_DRAINED = 256 << 20;

  private final OciLayout layout;
  private final LayerStore layers;
  private final Workspace workspace;
  private final Progress progress;

  /** Streams that are being read, to be closed when another layer has failed. */
  private final Set<InputStream> open = ConcurrentHashMap.newKeySet();

  private volatile boolean cancelled;

  LayerFetch(OciLayout layout, LayerStore layers, Workspace workspace, Progress progress) {
    this.layout = layout;
    this.layers = layers;
    this.workspace = workspace;
    this.progress = progress;
  }

  /**
   * Makes sure that a layer is completely in the store.
   *
   * @param source of the blob where the store does not have it; null for none
   * @throws ImageException when the layer does not match its digest or its diff ID; nothing of it
   *     is left
   */
  void fetch(ImageSource source, Descriptor blob, Digest diffId) throws IOException {
    progress.started(blob);
    FileLock lock = layers.lock(diffId);
    try {
      boolean hasTree = layers.find(diffId) != null;
      boolean hasBlob = layout.has(blob);
      if (hasBlob && !hasTree) {
        hasTree = unpack(blob, diffId);
        hasBlob = hasTree;
      }
      if (!hasBlob) {
        receive(source, blob, hasTree ? null : diffId);
      }
      progress.finished(blob);
    } finally {
      lock.close();
    }
  }

  /** Ends the reads of other threads. */
  void cancel() {
    cancelled = true;
    for (InputStream stream : open) {
      try {
        stream.close();
      } catch (IOException e) {
        // The thread that reads it fails.
        continue;
      }
    }
  }

  /**
   * @param diffId null when only the blob is missing
   */
  private void receive(ImageSource source, Descriptor blob, Digest diffId) throws IOException {
    if (source == null) {
      throw new ImageException(
          "the store has no intact blob " + blob.digest() + " any more: pull the image again");
    }
    try (BlobWriter writer = layout.writer(blob);
        InputStream in = opened(source.open(blob, 0));
        Tee tee = new Tee(in, writer, blob)) {
      Path made = null;
      if (diffId != null) {
        try {
          made = layers.unpack(diffId, tee, workspace);
        } catch (ImageException e) {
          throw blame(tee, writer::verify, blob.size() - writer.count(), e);
        }
      }
      drain(tee);
      writer.commit();
      if (made != null) {
        layers.add(diffId, made);
      }
    }
  }

  /**
   * Unpacks the store's own blob.
   *
   * @return false when the blob was damaged, and has been removed
   */
  private boolean unpack(Descriptor blob, Digest diffId) throws IOException {
    try (InputStream in = opened(layout.open(blob.digest(), 0));
        DigestingInput verified = new DigestingInput(in, blob.digest());
        Tee tee = new Tee(verified, OutputStream.nullOutputStream(), blob)) {
      Path made;
      try {
        made = layers.unpack(diffId, tee, workspace);
      } catch (ImageException e) {
        throw blame(tee, () -> check(verified, blob), blob.size() - verified.count(), e);
      }
      drain(tee);
      check(verified, blob);
      layers.add(diffId, made);
      return true;
    } catch (DamagedException e) {
      return false;
    }
  }

  /** A blob of the store was damaged, and has been removed. */
  private static final class DamagedException extends ImageException {
    private static final long serialVersionUID = 1;

    DamagedException(Descriptor blob) {
      super(blob.digest() + " was damaged in the store");
    }
  }

  private void check(DigestingInput verified, Descriptor blob) throws IOException {
    if (!verified.digest().equals(blob.digest())) {
      layout.delete(blob.digest());
      Log.warn(LayerFetch.class, "{} was damaged in the store and has been removed", blob.digest());
      throw new DamagedException(blob);
    }
  }

  private interface Check {
    void run() throws IOException;
  }

  /**
   * Returns the error to report when unpacking has failed: that the blob has the wrong digest, if
   * it has, because any other error then follows from that.
   */
  private static IOException blame(Tee tee, Check check, long left, ImageException other) {
    try {
      if (left <= MOST_DRAINED) {
        drain(tee);
        check.run();
      }
      return other;
    } catch (IOException e) {
      e.addSuppressed(other);
      return e instanceof ImageException ? e : other;
    }
  }

  private static void drain(InputStream in) throws IOException {
    in.transferTo(OutputStream.nullOutputStream());
  }

  private InputStream opened(InputStream stream) throws IOException {
    open.add(stream);
    if (cancelled) {
      stream.close();
      throw new IOException("cancelled");
    }
    return new FilterInputStream(stream) {
      @Override
      public int read(byte[] buffer, int offset, int length) throws IOException {
        return in.read(buffer, offset, length);
      }

      @Override
      public void close() throws IOException {
        open.remove(in);
        in.close();
      }
    };
  }

  /** Writes a copy of what is read, and reports how much. */
  private final class Tee extends BlockInput {
    private final OutputStream copy;
    private final Descriptor contents;
    private long position;

    Tee(InputStream in, OutputStream copy, Descriptor contents) {
      super(in);
      this.copy = copy;
      this.contents = contents;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int read = in.read(buffer, offset, length);
      if (read > 0) {
        copy.write(buffer, offset, read);
        position += read;
        progress.reached(contents, position);
      }
      return read;
    }
  }
}
