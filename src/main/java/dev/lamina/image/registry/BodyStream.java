package dev.lamina.image.registry;

import dev.lamina.image.BlockInput;
import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The body of a response, as a stream whose reads time out; those of the JDK's own stream do not.
 * It holds at most {@value #AHEAD} buffers of 16 KiB that have not been read yet.
 *
 * <p>Closing it before its end closes the connection.
 */
final class BodyStream extends BlockInput implements BodySubscriber<BodyStream> {
  private static final int AHEAD = 16;
  private static final List<ByteBuffer> END = List.of();

  private final Duration stall;
  private final Consumer<BodyStream> onEnd;
  private final BlockingQueue<List<ByteBuffer>> received = new LinkedBlockingQueue<>();
  private List<ByteBuffer> current = List.of();
  private int index;
  private boolean ended;
  private volatile Flow.Subscription subscription;
  private volatile Throwable failure;
  private volatile boolean closed;

  /**
   * @param stall how long to wait for the next bytes
   * @param onEnd is called when the connection is no longer needed
   */
  BodyStream(Duration stall, Consumer<BodyStream> onEnd) {
    this.stall = stall;
    this.onEnd = onEnd;
  }

  @Override
  public CompletionStage<BodyStream> getBody() {
    // The stream is complete as soon as the headers have arrived.
    return CompletableFuture.completedStage(this);
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription = given;
    if (closed) {
      given.cancel();
    } else {
      given.request(AHEAD);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    if (buffers.isEmpty()) {
      // An empty list stands for the end.
      subscription.request(1);
    } else {
      received.add(buffers);
    }
  }

  @Override
  public void onError(Throwable error) {
    failure = error;
    onComplete();
  }

  @Override
  public void onComplete() {
    onEnd.accept(this);
    received.add(END);
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    ByteBuffer buffer = next();
    if (buffer == null) {
      return -1;
    }
    int count = Math.min(length, buffer.remaining());
    buffer.get(bytes, offset, count);
    return count;
  }

  /** Returns the buffer to read next, or null at the end. */
  private ByteBuffer next() throws IOException {
    while (!ended) {
      while (index < current.size()) {
        if (current.get(index).hasRemaining()) {
          return current.get(index);
        }
        index++;
      }
      if (!current.isEmpty()) {
        subscription.request(1);
      }
      current = take();
      index = 0;
      ended = current == END;
    }
    if (closed) {
      throw new IOException("closed");
    }
    if (failure != null) {
      throw new IOException(failure.getMessage(), failure);
    }
    return null;
  }

  private List<ByteBuffer> take() throws IOException {
    try {
      List<ByteBuffer> buffers = received.poll(stall.toMillis(), TimeUnit.MILLISECONDS);
      if (buffers != null) {
        return buffers;
      }
    } catch (InterruptedException e) {
      close();
      throw Retries.interrupted();
    }
    close();
    throw new HttpTimeoutException("nothing came for " + stall.toSeconds() + " s");
  }

  @Override
  public void close() {
    closed = true;
    Flow.Subscription given = subscription;
    if (given != null) {
      // This has no effect after the end.
      given.cancel();
    }
    onComplete();
  }
}
