package dev.lamina.image.registry;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The options of a registry client.
 *
 * @param tlsVerify false to accept any certificate, and plain HTTP from a host without TLS
 * @param certDir a directory of certificates, like podman's {@code --cert-dir}, with {@code *.crt}
 *     of authorities, and {@code *.cert} and {@code *.key} of the client; null for {@code certs.d}
 *     below {@code /etc/containers}, {@code /etc/docker} and {@code ~/.config/containers}
 * @param authFile the only file of credentials to read, like podman's {@code --authfile}; null for
 *     the default files
 * @param credentials the credentials for the registry, which are not sent to mirrors; null for
 *     those in the files
 * @param mirrors {@code HOST[:PORT][/PREFIX]}, tried in order before the registry when an image is
 *     pulled
 * @param piece the most bytes to send in one request, unless the registry requires more
 * @param environment the variables that name files and proxies
 */
public record RegistryOptions(
    boolean tlsVerify,
    Path certDir,
    Path authFile,
    Credentials credentials,
    List<String> mirrors,
    String userAgent,
    Timing timing,
    long piece,
    Map<String, String> environment) {
  private static final long PIECE = 32 << 20;

  public static final RegistryOptions DEFAULT =
      new RegistryOptions(
          true, null, null, null, List.of(), product(), Timing.DEFAULT, PIECE, System.getenv());

  private static String product() {
    String version = RegistryOptions.class.getPackage().getImplementationVersion();
    return version == null ? "lamina" : "lamina/" + version;
  }

  public RegistryOptions withTlsVerify(boolean verify) {
    return new RegistryOptions(
        verify, certDir, authFile, credentials, mirrors, userAgent, timing, piece, environment);
  }

  public RegistryOptions withCertDir(Path directory) {
    return new RegistryOptions(
        tlsVerify,
        directory,
        authFile,
        credentials,
        mirrors,
        userAgent,
        timing,
        piece,
        environment);
  }

  public RegistryOptions withAuthFile(Path file) {
    return new RegistryOptions(
        tlsVerify, certDir, file, credentials, mirrors, userAgent, timing, piece, environment);
  }

  public RegistryOptions withCredentials(Credentials known) {
    return new RegistryOptions(
        tlsVerify, certDir, authFile, known, mirrors, userAgent, timing, piece, environment);
  }

  public RegistryOptions withMirrors(List<String> others) {
    return new RegistryOptions(
        tlsVerify, certDir, authFile, credentials, others, userAgent, timing, piece, environment);
  }

  public RegistryOptions withTiming(Timing other) {
    return new RegistryOptions(
        tlsVerify, certDir, authFile, credentials, mirrors, userAgent, other, piece, environment);
  }

  public RegistryOptions withPiece(long bytes) {
    return new RegistryOptions(
        tlsVerify, certDir, authFile, credentials, mirrors, userAgent, timing, bytes, environment);
  }

  public RegistryOptions withEnvironment(Map<String, String> variables) {
    return new RegistryOptions(
        tlsVerify, certDir, authFile, credentials, mirrors, userAgent, timing, piece, variables);
  }
}
