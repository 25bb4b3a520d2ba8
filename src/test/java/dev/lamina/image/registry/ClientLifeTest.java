package dev.lamina.image.registry;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.Descriptor;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.ImageSource;
import dev.lamina.testing.Waiting;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests what a closed client leaves behind, and how transfers end that still use it. */
@Tag("slow")
class ClientLifeTest {
  private static final TestImage IMAGE = new TestImage(7, 2_000_000);

  @TempDir Path directory;
  private RegistryServer registry;

  @BeforeEach
  void start() throws IOException {
    registry = RegistryServer.start(directory);
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(
            thread ->
                thread.getName().startsWith("registry ")
                    || thread.getName().startsWith("HttpClient-"))
        .collect(Collectors.toSet());
  }

  @Test
  void noThreadIsLeft() throws IOException {
    Set<Thread> before = threads();
    transfer();
    Set<Thread> after = threads();
    after.removeAll(before);
    assertTrue(!after.isEmpty());
    assertTrue(after.stream().allMatch(Thread::isDaemon));
    Waiting.until(
        "the threads of a closed client end",
        () -> {
          // Before Java 21 the JDK's thread ends when the client is garbage-collected.
          System.gc();
          return after.stream().noneMatch(Thread::isAlive);
        });
  }

  private void transfer() throws IOException {
    try (RegistryClient client = TestOptions.client(TestOptions.plain())) {
      IMAGE.push(client, registry.host() + "/a/image:one");
      ImageReference reference = ImageReference.parse(registry.host() + "/a/image:one");
      try (ImageSource source = client.source(reference);
          InputStream in = source.open(IMAGE.layer(0), 0)) {
        in.readAllBytes();
      }
    }
  }

  /** Blocks until the proxy is closed, which closes the connection. */
  private static void neverAnswer() throws InterruptedException {
    Thread.sleep(Long.MAX_VALUE);
  }

  @Test
  void whoStillReadsGetsAnError() throws Exception {
    RegistryClient client = TestOptions.client(TestOptions.plain());
    try (FaultProxy proxy = new FaultProxy(registry)) {
      IMAGE.push(client, registry.host() + "/a/image:one");
      Descriptor layer = IMAGE.layer(0);
      proxy.always(
          "GET /v2/a/image/blobs",
          exchange -> {
            exchange.answer(exchange.forward(), 1000);
            neverAnswer();
          });
      ImageReference reference = ImageReference.parse(proxy.host() + "/a/image:one");
      ImageSource source = client.source(reference);
      InputStream in = source.open(layer, 0);
      in.readNBytes(1000);
      CompletableFuture<Integer> reading =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return in.read();
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      client.close();
      ExecutionException e =
          assertThrows(ExecutionException.class, () -> Waiting.result("reading", reading));
      assertTrue(e.getCause().getCause() instanceof ImageException, "" + e.getCause());
      ImageException closed = assertThrows(ImageException.class, source::document);
      assertTrue(closed.getMessage().contains("is closed"), closed.getMessage());
      assertNull(closed.getCause());
    }
  }

  @Test
  void anInterruptedThreadStopsWaiting() throws Exception {
    try (RegistryClient client = TestOptions.client(TestOptions.plain());
        FaultProxy proxy = new FaultProxy(registry)) {
      proxy.always("GET /v2/a/image", exchange -> neverAnswer());
      ImageSource source = client.source(ImageReference.parse(proxy.host() + "/a/image:one"));
      CompletableFuture<Throwable> failure = new CompletableFuture<>();
      Thread thread =
          new Thread(
              () -> {
                try {
                  source.document();
                  failure.complete(null);
                } catch (IOException e) {
                  failure.complete(e);
                }
              });
      thread.setDaemon(true);
      thread.start();
      Waiting.until("the request is under way", () -> !proxy.requests("GET /v2/a/image").isEmpty());
      thread.interrupt();
      Throwable e = Waiting.result("the interrupted call", failure);
      assertTrue(e instanceof java.io.InterruptedIOException, "" + e);
    }
  }
}
