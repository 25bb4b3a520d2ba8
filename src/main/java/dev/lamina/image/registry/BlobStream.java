package dev.lamina.image.registry;

import dev.lamina.image.BlockInput;
import dev.lamina.image.Descriptor;
import dev.lamina.image.ImageException;
import dev.lamina.image.Progress;
import dev.lamina.sys.Log;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The contents of a blob from a position on. After a broken or stalled connection it continues at
 * the same position with a new connection, and after several attempts without progress from the
 * next location. The stream has exactly the size that the descriptor says, or fails.
 */
final class BlobStream extends BlockInput {
  /** After this many bytes the count of failed attempts starts again. */
  private static final long WORTH = 1 << 20;

  private static final int SKIP_BUFFER = 64 << 10;
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");

  private final Descriptor descriptor;
  private final Iterator<BlobLocation> locations;
  private final Progress progress;
  private BlobLocation location;
  private Retries retries;
  private long position;
  private long received;
  private BodyStream body;
  private boolean closed;

  private BlobStream(
      Descriptor descriptor, List<BlobLocation> locations, long offset, Progress progress) {
    this.descriptor = descriptor;
    this.locations = locations.iterator();
    this.position = offset;
    this.progress = progress;
    location = this.locations.next();
    retries = new Retries(location.timing());
  }

  /**
   * Opens a blob.
   *
   * @param locations the places to ask, in order
   * @param offset the position of the first byte wanted
   */
  static InputStream open(
      Descriptor descriptor, List<BlobLocation> locations, long offset, Progress progress)
      throws IOException {
    if (offset < 0 || offset > descriptor.size()) {
      throw new ImageException(
          descriptor.digest()
              + " has "
              + descriptor.size()
              + " bytes and cannot be read from byte "
              + offset);
    }
    BlobStream stream = new BlobStream(descriptor, locations, offset, progress);
    progress.started(descriptor);
    progress.reached(descriptor, offset);
    try {
      stream.connect();
      return stream;
    } catch (IOException e) {
      stream.close();
      throw e;
    }
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (closed) {
      throw new IOException("closed");
    }
    if (length == 0) {
      return 0;
    }
    while (position < descriptor.size()) {
      connect();
      try {
        int wanted = (int) Math.min(length, descriptor.size() - position);
        int count = body.read(bytes, offset, wanted);
        if (count > 0) {
          advance(count);
          return count;
        }
        recover(broken(new EOFException("it ended early")));
      } catch (ImageException e) {
        throw e;
      } catch (IOException e) {
        recover(broken(e));
      }
    }
    end();
    return -1;
  }

  private void advance(int count) {
    position += count;
    received += count;
    if (received >= WORTH) {
      retries.progressed();
    }
    progress.reached(descriptor, position);
  }

  /** Makes a connection if there is none and bytes are still needed. */
  private void connect() throws IOException {
    while (body == null && position < descriptor.size()) {
      try {
        body = accept(location.get(position));
      } catch (IOException e) {
        recover(e);
      }
    }
  }

  private BodyStream accept(Response response) throws IOException {
    boolean isAccepted = false;
    try {
      switch (response.status()) {
        case 200 -> whole(response);
        case 206 -> part(response);
        case 416 -> throw wrong("has no byte " + position);
        default -> throw response.refused(descriptor.digest().toString());
      }
      received = 0;
      isAccepted = true;
      return response.body();
    } finally {
      if (!isAccepted) {
        response.body().close();
      }
    }
  }

  /** Skips to the position in a response with the whole blob: not every server supports Range. */
  private void whole(Response response) throws IOException {
    long announced = response.length().orElse(descriptor.size());
    if (announced != descriptor.size()) {
      throw wrong("has " + announced + " bytes");
    }
    byte[] buffer = new byte[SKIP_BUFFER];
    long left = position;
    try {
      while (left > 0) {
        int count = response.body().read(buffer, 0, (int) Math.min(left, buffer.length));
        if (count < 0) {
          throw new EOFException("it ended early");
        }
        left -= count;
      }
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private void part(Response response) throws IOException {
    Matcher range = CONTENT_RANGE.matcher(response.header("Content-Range"));
    if (!range.matches()) {
      throw wrong("is sent without a valid Content-Range");
    }
    if (Long.parseLong(range.group(1)) != position) {
      throw wrong("is sent from byte " + range.group(1) + " instead of " + position);
    }
    String whole = range.group(3);
    if (!whole.equals("*") && Long.parseLong(whole) != descriptor.size()) {
      throw wrong("has " + whole + " bytes");
    }
  }

  private ImageException wrong(String what) {
    return new ImageException(
        descriptor.digest() + " of " + descriptor.size() + " bytes " + what + " on " + location);
  }

  private IOException broken(IOException e) {
    return ConnectionErrors.broken(
        descriptor.digest()
            + " breaks off after "
            + position
            + " of "
            + descriptor.size()
            + " bytes on "
            + location,
        e);
  }

  /** Waits before the next attempt, or moves to the next location; throws if there is none. */
  private void recover(IOException failure) throws IOException {
    disconnect();
    try {
      retries.after(failure);
    } catch (ImageException e) {
      if (!locations.hasNext()) {
        throw e;
      }
      BlobLocation next = locations.next();
      boolean isMissing = e instanceof RefusedException refused && refused.status() == 404;
      if (next.isLastResort() && !location.isLastResort() && !isMissing) {
        throw e;
      }
      Log.info(BlobStream.class, "{}; asking {}", e.getMessage(), next);
      location = next;
      retries = new Retries(location.timing());
    }
  }

  /** Checks that no byte follows the last one. */
  private void end() throws IOException {
    if (body == null) {
      return;
    }
    int extra;
    try {
      extra = body.read();
    } catch (IOException e) {
      // The connection broke after the last byte.
      extra = -1;
    }
    disconnect();
    if (extra >= 0) {
      throw wrong("is longer");
    }
  }

  private void disconnect() {
    if (body != null) {
      body.close();
      body = null;
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      disconnect();
      progress.finished(descriptor);
    }
  }
}
