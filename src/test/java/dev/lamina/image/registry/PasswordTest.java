package dev.lamina.image.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.ImageSource;
import dev.lamina.image.registry.FaultProxy.Message;
import dev.lamina.testing.Commands;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests with a registry that requires a password with each request. */
@Tag("slow")
class PasswordTest {
  private static final TestImage IMAGE = new TestImage(4, 200_000);
  private static final Credentials USER = new Credentials("test", "secret");

  @TempDir static Path directory;
  private static RegistryServer registry;

  @BeforeAll
  static void start() throws IOException {
    registry = RegistryServer.withPassword(directory);
    try (RegistryClient client = TestOptions.client(TestOptions.plain().withCredentials(USER))) {
      IMAGE.push(client, registry.host() + "/a/image:one");
    }
  }

  @AfterAll
  static void stop() {
    registry.close();
  }

  private static void pull(RegistryOptions options, String host) throws IOException {
    try (RegistryClient client = TestOptions.client(options);
        ImageSource source = client.source(ImageReference.parse(host + "/a/image:one"))) {
      assertArrayEquals(IMAGE.document().bytes(), source.document().bytes());
      try (InputStream in = source.open(IMAGE.layer(0), 0)) {
        assertArrayEquals(IMAGE.bytes(IMAGE.layer(0)), in.readAllBytes());
      }
    }
  }

  @Test
  void thePasswordIsTaken() throws IOException {
    pull(TestOptions.plain().withCredentials(USER), registry.host());
  }

  @Test
  void podmansLoginIsFound() throws IOException {
    Path file = directory.resolve("containers/auth.json");
    Commands.run(
            "podman",
            "login",
            "--tls-verify=false",
            "--authfile",
            file.toString(),
            "--username=test",
            "--password=secret",
            registry.host())
        .succeed();
    pull(TestOptions.plain().withAuthFile(file), registry.host());
    pull(
        TestOptions.plain().withEnvironment(Map.of("REGISTRY_AUTH_FILE", file.toString())),
        registry.host());
    pull(
        TestOptions.plain()
            .withEnvironment(Map.of("XDG_RUNTIME_DIR", directory.toString(), "HOME", "/none")),
        registry.host());
  }

  @Test
  void withoutAPasswordOrWithAWrongOneItIsSaid() {
    ImageException e =
        assertThrows(ImageException.class, () -> pull(TestOptions.plain(), registry.host()));
    assertTrue(e.getMessage().contains("podman login " + registry.host()), e.getMessage());
    Credentials wrong = new Credentials("test", "hunter2");
    e =
        assertThrows(
            ImageException.class,
            () -> pull(TestOptions.plain().withCredentials(wrong), registry.host()));
    assertTrue(e.getMessage().contains("does not accept"), e.getMessage());
    assertTrue(!e.getMessage().contains("hunter2"));
  }

  @Test
  void aRegistryThatWantsSomethingElseIsSaid() throws IOException {
    for (List<String> fields : List.of(List.<String>of(), List.of("WWW-Authenticate: Negotiate"))) {
      try (FaultProxy strange = new FaultProxy()) {
        strange.always(
            "GET",
            exchange ->
                exchange.answer(
                    new Message("HTTP/1.1 401 Unauthorized", fields.toArray(new String[0]))
                        .body(new byte[0])));
        ImageException e =
            assertThrows(ImageException.class, () -> pull(TestOptions.plain(), strange.host()));
        assertTrue(e.getMessage().contains("podman login"), e.getMessage());
      }
    }
  }

  @Test
  void aMirrorDoesNotGetThePasswordOfTheRegistry() throws IOException {
    try (FaultProxy mirror = new FaultProxy()) {
      mirror.always(
          "GET",
          exchange ->
              exchange.answer(
                  new Message("HTTP/1.1 401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"")
                      .body(new byte[0])));
      pull(
          TestOptions.plain().withCredentials(USER).withMirrors(List.of(mirror.host())),
          registry.host());
      assertTrue(!mirror.requests("GET /v2/a/image").isEmpty());
      for (Message request : mirror.requests("GET")) {
        assertEquals("", request.field("Authorization"));
      }
    }
  }

  @Test
  void aNamedFileMustBeThereAndReadable() throws IOException {
    Path missing = directory.resolve("missing.json");
    ImageException e =
        assertThrows(
            ImageException.class,
            () -> pull(TestOptions.plain().withAuthFile(missing), registry.host()));
    assertTrue(e.getMessage().contains("missing.json"), e.getMessage());
    Path broken = Files.writeString(directory.resolve("broken.json"), "{\"auths\": secret");
    e =
        assertThrows(
            ImageException.class,
            () -> pull(TestOptions.plain().withAuthFile(broken), registry.host()));
    assertEquals("the credentials file " + broken + " is not valid JSON", e.getMessage());
  }
}
