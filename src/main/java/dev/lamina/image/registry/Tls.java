package dev.lamina.image.registry;

import dev.lamina.image.ImageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * The certificates for TLS, read from a directory as in containers-certs.d(5). Files {@code *.crt}
 * are authorities to trust besides the system's, and each {@code NAME.cert} with {@code NAME.key}
 * is a certificate of the client.
 */
final class Tls {
  private static final char[] NO_PASSWORD = {};
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");

  private Tls() {}

  /**
   * Returns the directory of certificates for a host, or null if there is none.
   *
   * @param host the host, with its port if one is given
   */
  static Path directory(RegistryOptions options, String host) {
    if (options.certDir() != null) {
      return options.certDir();
    }
    return ConfigDirectories.certificates(options.environment(), host).stream()
        .filter(Files::isDirectory)
        .findFirst()
        .orElse(null);
  }

  /**
   * Returns the context for TLS connections.
   *
   * @param directory the directory of certificates; null for none
   */
  static SSLContext context(boolean verify, Path directory) throws ImageException {
    try {
      if (verify && directory == null) {
        return SSLContext.getDefault();
      }
      TrustManager[] trust = verify ? trust(directory) : new TrustManager[] {new Anybody()};
      KeyManager[] keys = directory == null ? null : keys(directory);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys, trust, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw e instanceof ImageException known
          ? known
          : new ImageException("cannot use the certificates: " + e.getMessage(), e);
    }
  }

  private static TrustManager[] trust(Path directory) throws GeneralSecurityException, IOException {
    TrustManagerFactory system = TrustManagerFactory.getInstance("PKIX");
    system.init((KeyStore) null);
    KeyStore all = KeyStore.getInstance("PKCS12");
    all.load(null, NO_PASSWORD);
    List<Certificate> authorities = new ArrayList<>();
    for (TrustManager manager : system.getTrustManagers()) {
      authorities.addAll(List.of(((X509ExtendedTrustManager) manager).getAcceptedIssuers()));
    }
    for (Path file : files(directory, "*.crt")) {
      authorities.addAll(certificates(file));
    }
    for (Certificate authority : authorities) {
      all.setCertificateEntry("" + all.size(), authority);
    }
    TrustManagerFactory extended = TrustManagerFactory.getInstance("PKIX");
    extended.init(all);
    return extended.getTrustManagers();
  }

  private static KeyManager[] keys(Path directory) throws GeneralSecurityException, IOException {
    KeyStore own = KeyStore.getInstance("PKCS12");
    own.load(null, NO_PASSWORD);
    for (Path file : files(directory, "*.cert")) {
      Path keyFile = Path.of(file.toString().replaceAll("cert$", "key"));
      List<Certificate> chain = List.copyOf(certificates(file));
      if (chain.isEmpty() || !Files.exists(keyFile)) {
        throw new ImageException(
            "a client certificate needs both " + file + " and its key " + keyFile);
      }
      PrivateKey key = key(keyFile, chain.get(0).getPublicKey().getAlgorithm());
      own.setKeyEntry(file.toString(), key, NO_PASSWORD, chain.toArray(Certificate[]::new));
    }
    KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
    factory.init(own, NO_PASSWORD);
    return factory.getKeyManagers();
  }

  private static List<Path> files(Path directory, String pattern) throws IOException {
    List<Path> all = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, pattern)) {
      files.forEach(all::add);
    } catch (IOException e) {
      throw new ImageException("cannot read the certificate directory " + directory, e);
    }
    all.sort(null);
    return all;
  }

  private static Collection<? extends Certificate> certificates(Path file) throws IOException {
    try {
      return CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)));
    } catch (GeneralSecurityException e) {
      throw new ImageException("there is no certificate in " + file + ": " + e.getMessage(), e);
    }
  }

  private static PrivateKey key(Path file, String algorithm)
      throws IOException, GeneralSecurityException {
    Matcher matcher = KEY.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
    if (!matcher.find()) {
      throw new ImageException(
          file + " has no unencrypted key in PKCS #8 (openssl pkcs8 -topk8 -nocrypt makes one)");
    }
    try {
      byte[] encoded = Base64.getMimeDecoder().decode(matcher.group(1));
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
    } catch (IllegalArgumentException | InvalidKeySpecException e) {
      throw new ImageException("the key in " + file + " does not match its certificate", e);
    }
  }

  /**
   * Accepts every certificate. It extends X509ExtendedTrustManager, because the JDK then leaves the
   * check of the host name to it.
   */
  private static final class Anybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
