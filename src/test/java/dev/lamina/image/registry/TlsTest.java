package dev.lamina.image.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.ImageSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests with registries that speak TLS, with several kinds of certificates, and unreachable ones.
 */
@Tag("slow")
@Tag("one-jdk")
class TlsTest {
  private static final TestImage IMAGE = new TestImage(5, 300_000);

  @TempDir static Path directory;
  private static Certificates certificates;
  private static RegistryServer registry;

  /** A registry under a host name that is not in its certificate. */
  private static RegistryServer other;

  /** A registry that requires a certificate from the client. */
  private static RegistryServer strict;

  @BeforeAll
  static void start() throws IOException {
    certificates = new Certificates(directory.resolve("certificates"));
    certificates.sign("server", "IP:127.0.0.1");
    certificates.sign("other", "DNS:registry.example.com");
    certificates.sign("client", "DNS:client");
    registry = server("registry", "server", "");
    other = server("other", "other", "");
    strict = server("strict", "server", ", clientcas: [" + certificates.authority() + "]");
  }

  private static RegistryServer server(String name, String certificate, String more)
      throws IOException {
    String tls =
        "  tls: {certificate: "
            + certificates.path(certificate + ".cert")
            + ", key: "
            + certificates.path(certificate + ".key")
            + more
            + "}\n";
    return RegistryServer.start(Files.createDirectory(directory.resolve(name)), tls, "");
  }

  @AfterAll
  static void stop() {
    strict.close();
    other.close();
    registry.close();
  }

  private static Path directory(String name, String... files) throws IOException {
    Path made = Files.createDirectories(directory.resolve(name));
    for (String file : files) {
      Path target = made.resolve(file);
      if (!Files.exists(target)) {
        Files.copy(Path.of(certificates.path(file)), target);
      }
    }
    return made;
  }

  private static void transfer(RegistryOptions options, String host) throws IOException {
    try (RegistryClient client = TestOptions.client(options)) {
      IMAGE.push(client, host + "/a/image:one");
      try (ImageSource source = client.source(ImageReference.parse(host + "/a/image:one"))) {
        assertEquals(IMAGE.document().digest(), source.document().digest());
        source.open(IMAGE.layer(0), 0).close();
      }
    }
  }

  private static String fails(RegistryOptions options, String host) {
    return assertThrows(ImageException.class, () -> transfer(options, host)).getMessage();
  }

  @Test
  void anUnknownAuthorityIsNotTrusted() {
    String message = fails(TestOptions.verifying(), registry.host());
    assertTrue(
        message.startsWith("the certificate of " + registry.host() + " is not trusted"), message);
    assertTrue(message.contains("--cert-dir"), message);
    assertTrue(message.contains("--tls-verify=false"), message);
  }

  @Test
  void anAuthorityThatIsGivenIsTrusted() throws IOException {
    Path given = directory("given", "ca.crt");
    transfer(TestOptions.verifying().withCertDir(given), registry.host());
  }

  @Test
  void anAuthorityIsFoundWhereDockerAndPodmanKeepIt() throws IOException {
    directory("config/containers/certs.d/" + registry.host(), "ca.crt");
    Map<String, String> environment =
        Map.of("XDG_CONFIG_HOME", directory.resolve("config").toString(), "HOME", "/nonexistent");
    transfer(TestOptions.verifying().withEnvironment(environment), registry.host());
    assertTrue(
        fails(TestOptions.verifying().withEnvironment(environment), other.host())
            .contains("is not trusted"));
  }

  @Test
  void withoutVerificationAnyCertificateWillDo() throws IOException {
    transfer(TestOptions.plain(), registry.host());
    transfer(TestOptions.plain(), other.host());
  }

  @Test
  void anotherHostsCertificateIsNotTrusted() throws IOException {
    Path given = directory("given", "ca.crt");
    String message = fails(TestOptions.verifying().withCertDir(given), other.host());
    assertTrue(message.contains("is not trusted"), message);
  }

  @Test
  void theClientShowsItsCertificate() throws IOException {
    Path with = directory("with", "ca.crt", "client.cert", "client.key");
    transfer(TestOptions.verifying().withCertDir(with), strict.host());
    transfer(TestOptions.plain().withCertDir(with), strict.host());
    Path without = directory("given", "ca.crt");
    fails(TestOptions.verifying().withCertDir(without), strict.host());
  }

  @Test
  void directoriesThatCannotBeUsedAreAnError() throws IOException {
    Path incomplete = directory("incomplete", "client.cert");
    String message = fails(TestOptions.verifying().withCertDir(incomplete), registry.host());
    assertTrue(message.contains("client.key"), message);
    Path garbage = directory("garbage");
    Files.writeString(garbage.resolve("ca.crt"), "-----BEGIN CERTIFICATE-----\nx\n");
    message = fails(TestOptions.verifying().withCertDir(garbage), registry.host());
    assertTrue(message.contains("ca.crt"), message);
    Path missing = directory.resolve("missing");
    message = fails(TestOptions.verifying().withCertDir(missing), registry.host());
    assertTrue(message.contains("cannot read"), message);
  }

  @Test
  void plainHttpIsSpokenOnlyWithoutVerification() throws IOException {
    Path open = Files.createDirectory(directory.resolve("open"));
    try (RegistryServer plain = RegistryServer.start(open)) {
      String message = fails(TestOptions.verifying(), plain.host());
      assertTrue(message.startsWith(plain.host() + " does not speak TLS"), message);
      assertTrue(message.contains("--tls-verify=false"), message);
      transfer(TestOptions.plain(), plain.host());
    }
  }

  /** Neither the registry nor its storage may redirect from TLS to plain HTTP. */
  @Test
  void aRedirectToPlainHttpIsNotFollowed() throws IOException {
    java.net.URI from = java.net.URI.create("https://registry.example.com/v2/");
    String plain = "http://storage.example.com/x";
    ImageException e = assertThrows(ImageException.class, () -> Redirects.next(from, plain, true));
    assertTrue(e.getMessage().contains("plain HTTP"), e.getMessage());
    assertEquals(plain, Redirects.next(from, plain, false).toString());
    assertEquals(
        "https://storage.example.com/x",
        Redirects.next(from, "//storage.example.com/x", true).toString());
  }

  @Test
  void whatCannotBeReachedIsSaidAtOnce() {
    String nobody = "127.0.0.1:" + RegistryServer.freePort();
    for (RegistryOptions options :
        new RegistryOptions[] {TestOptions.plain(), TestOptions.verifying()}) {
      String message = fails(options, nobody);
      assertTrue(message.startsWith("cannot connect to " + nobody), message);
      assertFalse(message.contains("--tls-verify"), message);
      message = fails(options, "nothing.invalid");
      assertTrue(message.startsWith("cannot find the host nothing.invalid"), message);
      assertTrue(fails(options, "127.0.0.1:99999").startsWith("not an http or https URL"));
    }
  }
}
