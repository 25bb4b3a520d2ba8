package dev.lamina.image.registry;

import dev.lamina.image.BlockInput;
import dev.lamina.image.ImageTarget.Contents;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.function.LongConsumer;

/**
 * The body of a request: a range of contents, which is read while it is sent, and read again for
 * another attempt. It records the time of the last read, which tells a slow connection from a
 * broken one, and an error in reading, which is not an error of the registry.
 */
final class RequestBody {
  private final Contents contents;
  private final long offset;
  private final long length;
  private final LongConsumer sent;
  private volatile long lastRead = System.nanoTime();
  private volatile IOException failure;
  private volatile Part open;

  /**
   * @param sent receives the position up to which the contents have been read
   */
  RequestBody(Contents contents, long offset, long length, LongConsumer sent) {
    this.contents = contents;
    this.offset = offset;
    this.length = length;
    this.sent = sent;
  }

  RequestBody(byte[] bytes) {
    this(start -> new ByteArrayInputStream(bytes), 0, bytes.length, position -> {});
  }

  BodyPublisher publisher() {
    if (length == 0) {
      return BodyPublishers.noBody();
    }
    // With a length, since registries do not take bodies that are "Transfer-Encoding: chunked".
    return BodyPublishers.fromPublisher(
        BodyPublishers.ofInputStream(
            () -> {
              open = new Part();
              return open;
            }),
        length);
  }

  /** Returns the time of the last read, as {@link System#nanoTime}. */
  long lastRead() {
    return lastRead;
  }

  /** Returns the error in reading the contents, or null. */
  IOException failure() {
    return failure;
  }

  /** Ends reading, when an attempt has succeeded or failed. */
  void close() {
    Part part = open;
    if (part != null) {
      part.close();
    }
  }

  /** The stream of bytes to send. Different threads read it and close it. */
  private final class Part extends BlockInput {
    private InputStream opened;
    private long left = length;
    private boolean closed;

    @Override
    public synchronized int read(byte[] bytes, int start, int wanted) throws IOException {
      if (left == 0 || wanted == 0) {
        return left == 0 ? -1 : 0;
      }
      try {
        if (closed) {
          throw new IOException("closed");
        }
        if (opened == null) {
          opened = contents.open(offset);
        }
        int count = opened.read(bytes, start, (int) Math.min(wanted, left));
        if (count < 0) {
          throw new EOFException("it ends " + left + " bytes too early");
        }
        left -= count;
        lastRead = System.nanoTime();
        sent.accept(offset + length - left);
        return count;
      } catch (IOException e) {
        if (!closed) {
          failure = e;
        }
        throw e;
      }
    }

    @Override
    public synchronized void close() {
      closed = true;
      if (opened != null) {
        try {
          opened.close();
        } catch (IOException e) {
          // All bytes that are needed have been read.
          left = 0;
        }
        opened = null;
      }
    }
  }
}
