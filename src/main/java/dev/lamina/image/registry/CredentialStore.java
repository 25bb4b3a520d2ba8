package dev.lamina.image.registry;

import dev.lamina.image.ImageException;
import dev.lamina.image.file.HostFiles;
import dev.lamina.sys.Log;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Finds credentials in the files of podman and Docker. */
final class CredentialStore {
  private final RegistryOptions options;

  CredentialStore(RegistryOptions options) {
    this.options = options;
  }

  /**
   * Returns the credentials for a repository from the first file that has any. A file that the user
   * names must exist and be readable. A default file that cannot be read causes only a warning in
   * the log, because most images need no credentials.
   *
   * @param registry the registry's name as users write it
   * @return null if there are none
   */
  Credentials find(String registry, String repository) throws IOException {
    String named = options.environment().getOrDefault("REGISTRY_AUTH_FILE", "");
    if (options.authFile() != null || !named.isEmpty()) {
      Path file = options.authFile() != null ? options.authFile() : Path.of(named);
      if (!HostFiles.exists(file)) {
        throw new ImageException("the credentials file " + file + " does not exist");
      }
      return read(file).find(registry, repository);
    }
    return findIn(ConfigDirectories.credentials(options.environment()), registry, repository);
  }

  private Credentials findIn(List<Path> files, String registry, String repository)
      throws IOException {
    for (Path file : files) {
      try {
        Credentials known = HostFiles.exists(file) ? read(file).find(registry, repository) : null;
        if (known != null) {
          return known;
        }
      } catch (ImageException e) {
        Log.warn(CredentialStore.class, "{}", e.getMessage());
      }
    }
    return null;
  }

  private CredentialFile read(Path file) throws IOException {
    return CredentialFile.read(
        file,
        name -> new CredentialHelper(name, options.environment(), options.timing().response()));
  }
}
