package dev.lamina.image.registry;

import dev.lamina.image.ImageException;
import dev.lamina.sys.Log;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/**
 * Sends requests over HTTP 1.1. Every transfer has a connection of its own, so that a slow or
 * broken one does not delay the others. Redirects and errors from the registry are left to the
 * caller. A failed connection is reported with a message for users, and as a {@link
 * TransientException} if another attempt may succeed.
 */
final class Transport implements AutoCloseable {
  private static final long IDLE_SECONDS = 1;
  private static final AtomicInteger THREADS = new AtomicInteger();

  private final RegistryOptions options;
  private final ExecutorService threads = threads();
  private final Set<Origin> answered = ConcurrentHashMap.newKeySet();
  private final Set<BodyStream> open = ConcurrentHashMap.newKeySet();
  private volatile HttpClient client;

  Transport(RegistryOptions options, SSLContext tls) {
    this.options = options;
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(options.timing().connect())
            .proxy(new EnvironmentProxy(options.environment()))
            .sslContext(tls)
            .executor(threads)
            .build();
  }

  /** Returns a pool whose threads end soon after they are no longer needed. */
  private static ExecutorService threads() {
    return new ThreadPoolExecutor(
        0,
        Integer.MAX_VALUE,
        IDLE_SECONDS,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        task -> {
          Thread thread = new Thread(task, "registry " + THREADS.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
  }

  RegistryOptions options() {
    return options;
  }

  /**
   * Sends a request and waits for the headers of its response.
   *
   * @param body the body of the request; null for none
   * @param patience the timeout, counted from the last byte sent
   */
  Response send(HttpRequest.Builder builder, RequestBody body, Duration patience)
      throws IOException {
    HttpRequest request = builder.setHeader("User-Agent", options.userAgent()).build();
    Origin origin = Origin.of(request.uri());
    HttpClient sender = client;
    if (sender == null) {
      throw new ImageException("the registry client is closed");
    }
    CompletableFuture<HttpResponse<BodyStream>> future =
        sender.sendAsync(request, head -> stream());
    try {
      HttpResponse<BodyStream> response = await(future, body, patience);
      answered.add(origin);
      Log.debug(
          Transport.class,
          "{} {}: {}",
          request.method(),
          shown(request.uri()),
          response.statusCode());
      return new Response(response);
    } catch (TimeoutException e) {
      throw new TransientException(
          origin.host() + " does not answer within " + patience.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      throw Retries.interrupted();
    } catch (CancellationException e) {
      throw new ImageException("the registry client is closed", e);
    } catch (ExecutionException e) {
      IOException unread = body == null ? null : body.failure();
      if (unread != null) {
        throw new ImageException("cannot read the data to be sent: " + unread.getMessage(), unread);
      }
      throw ConnectionErrors.explain(
          origin.host(), e.getCause(), options.tlsVerify(), answered.contains(origin));
    } finally {
      future.cancel(true);
      if (body != null) {
        body.close();
      }
    }
  }

  /** Returns a URI without its query, because the query of a storage host gives access. */
  private static String shown(URI uri) {
    return Origin.of(uri).host() + uri.getRawPath();
  }

  private BodyStream stream() {
    BodyStream stream = new BodyStream(options.timing().stall(), open::remove);
    open.add(stream);
    return stream;
  }

  private static HttpResponse<BodyStream> await(
      CompletableFuture<HttpResponse<BodyStream>> future, RequestBody body, Duration patience)
      throws InterruptedException, ExecutionException, TimeoutException {
    long start = System.nanoTime();
    while (true) {
      long since = body == null ? start : Math.max(start, body.lastRead());
      long left = patience.toNanos() - (System.nanoTime() - since);
      try {
        return future.get(Math.max(left, 0), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        if (left <= 0) {
          throw e;
        }
        // Part of the body may have been sent meanwhile.
      }
    }
  }

  /**
   * Closes all connections; transfers that are under way fail. The JDK's thread for connections
   * ends at once from Java 21 on. Before that, it ends when the client is garbage-collected, and it
   * does not keep the process alive.
   */
  @Override
  public void close() {
    HttpClient closing = client;
    client = null;
    open.forEach(BodyStream::close);
    if (closing != null) {
      try {
        HttpClient.class.getMethod("shutdownNow").invoke(closing);
      } catch (NoSuchMethodException e) {
        Log.debug(Transport.class, "connections are left to the garbage collector");
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
