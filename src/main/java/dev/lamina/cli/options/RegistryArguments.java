package dev.lamina.cli.options;

import dev.lamina.image.file.HostPaths;
import dev.lamina.image.registry.Credentials;
import dev.lamina.image.registry.RegistryOptions;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The options for registries, which have the same names as podman's. */
public final class RegistryArguments {
  @Option(
      names = "--tls-verify",
      paramLabel = "BOOLEAN",
      arity = "0..1",
      fallbackValue = "true",
      description =
          "Verify the registry's certificate (default: true); false also allows plain HTTP.")
  private boolean tlsVerify = true;

  @Option(
      names = "--cert-dir",
      paramLabel = "DIR",
      description =
          "Directory of certificates: *.crt of authorities, *.cert and *.key of the client.")
  private String certDir;

  @Option(
      names = "--authfile",
      paramLabel = "FILE",
      description =
          "Credentials file, as podman login writes it; by default podman's and docker's files.")
  private String authFile;

  @Option(
      names = "--creds",
      paramLabel = "USER:PASSWORD",
      description = "Credentials for the registry, instead of those in files.")
  private String credentials;

  @Option(
      names = "--mirror",
      paramLabel = "HOST[/PREFIX]",
      description =
          "Try this mirror before the registry when pulling; may be given more than once.")
  private List<String> mirrors = List.of();

  /** Returns these options as arguments of another command. */
  public List<String> asArguments() {
    List<String> all = new ArrayList<>();
    all.add("--tls-verify=" + tlsVerify);
    if (certDir != null) {
      all.add("--cert-dir=" + certDir);
    }
    if (authFile != null) {
      all.add("--authfile=" + authFile);
    }
    if (credentials != null) {
      all.add("--creds=" + credentials);
    }
    mirrors.forEach(mirror -> all.add("--mirror=" + mirror));
    return all;
  }

  public RegistryOptions options() throws UsageException {
    RegistryOptions options = RegistryOptions.DEFAULT.withTlsVerify(tlsVerify).withMirrors(mirrors);
    if (certDir != null) {
      options = options.withCertDir(HostPaths.path(certDir));
    }
    if (authFile != null) {
      options = options.withAuthFile(HostPaths.path(authFile));
    }
    if (credentials != null) {
      int colon = credentials.indexOf(':');
      if (colon < 1) {
        throw new UsageException("--creds must be USER:PASSWORD");
      }
      options =
          options.withCredentials(
              new Credentials(credentials.substring(0, colon), credentials.substring(colon + 1)));
    }
    return options;
  }
}
