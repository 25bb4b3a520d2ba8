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
 * The body of a response as a stream that does not wait for ever, which is what the runtime's own
 * does. At most {@value #AHEAD} buffers (16 KiB each) are held that have not been read yet.
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
   * @param onEnd is told when the connection is not needed any more
   */
  BodyStream(Duration stall, Consumer<BodyStream> onEnd) {
    this.stall = stall;
    this.onEnd = onEnd;
  }

  @Override
  public CompletionStage<BodyStream> getBody() {
    // The stream is there with the head of the response.
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
      // It would be taken for the end.
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

  /** What is to be read next; null at the end. */
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
      // Has no effect after the end.
      given.cancel();
    }
    onComplete();
  }
}
