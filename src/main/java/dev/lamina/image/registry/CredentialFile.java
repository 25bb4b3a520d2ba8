package dev.lamina.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * A file with credentials (containers-auth.json(5), Docker's {@code config.json}). The field {@code
 * auths} has credentials by registry or repository, {@code credHelpers} has the programs that keep
 * them, and {@code credsStore} names the program for all other registries.
 */
final class CredentialFile {
  private static final String HUB = "docker.io";

  /** Docker's name for Docker Hub in its file and to its helpers. */
  private static final String HUB_KEY = "https://index.docker.io/v1/";

  private static final List<String> HUB_HOSTS =
      List.of("index.docker.io", "registry-1.docker.io", HUB);

  /** Returns the helper of a name. */
  interface Helpers {
    CredentialHelper of(String name);
  }

  private final Path file;
  private final ObjectNode object;
  private final Helpers helpers;

  private CredentialFile(Path file, ObjectNode object, Helpers helpers) {
    this.file = file;
    this.object = object;
    this.helpers = helpers;
  }

  static CredentialFile read(Path file, Helpers helpers) throws IOException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(Json.LONGEST + 1);
    } catch (IOException e) {
      throw new ImageException("cannot read the credentials file " + file, e);
    }
    try {
      return new CredentialFile(
          file, bytes.length == 0 ? Json.object() : Json.parse(file.toString(), bytes), helpers);
    } catch (ImageException e) {
      // The message of the cause may quote part of a secret.
      throw new ImageException("the credentials file " + file + " is not valid JSON");
    }
  }

  /**
   * Returns the credentials for a repository, from the longest key that matches it.
   *
   * @return null if there are none
   */
  Credentials find(String registry, String repository) throws IOException {
    List<String> keys = keys(registry, repository);
    for (String key : keys) {
      String helper = helper(key);
      Credentials kept = helper == null ? null : ask(helper, key);
      if (kept != null) {
        return kept;
      }
    }
    for (String key : keys) {
      Credentials known = entry(key);
      if (known != null) {
        return known;
      }
    }
    String store = Json.text(file.toString(), object, "credsStore");
    return store == null || store.isEmpty() ? null : ask(store, registry);
  }

  /** Returns the keys that match a repository: {@code host/a/b}, {@code host/a}, {@code host}. */
  private static List<String> keys(String registry, String repository) {
    List<String> keys = new ArrayList<>();
    String key = registry + "/" + repository;
    while (key.length() > registry.length()) {
      keys.add(key);
      key = key.substring(0, key.lastIndexOf('/'));
    }
    keys.add(registry);
    return keys;
  }

  private String helper(String key) {
    JsonNode found = lookUp(object.path("credHelpers"), key);
    return found == null ? null : found.asText(null);
  }

  private Credentials ask(String helper, String key) throws IOException {
    CredentialHelper program = helpers.of(helper);
    if (key.equals(HUB)) {
      Credentials known = program.get(HUB_KEY);
      if (known != null) {
        return known;
      }
    }
    return program.get(key);
  }

  /** Returns the entry with this key, or else with a key that means the same. */
  private static JsonNode lookUp(JsonNode entries, String key) {
    JsonNode exact = entries.get(key);
    if (exact != null) {
      return exact;
    }
    for (Map.Entry<String, JsonNode> entry : entries.properties()) {
      if (normalized(entry.getKey()).equals(key)) {
        return entry.getValue();
      }
    }
    return null;
  }

  /** Returns the key in today's form. Old versions of Docker wrote a URL of the registry's API. */
  private static String normalized(String key) {
    String rest = key.replaceFirst("^https?://", "");
    int slash = rest.indexOf('/');
    String host = slash < 0 ? rest : rest.substring(0, slash);
    boolean isUrl = rest.length() < key.length() || rest.matches("[^/]*/v[12]/?");
    if (HUB_HOSTS.contains(host) && (isUrl || slash < 0)) {
      return HUB;
    }
    return isUrl ? host : rest;
  }

  private Credentials entry(String key) throws ImageException {
    JsonNode entry = lookUp(object.path("auths"), key);
    if (entry == null || !entry.isObject()) {
      return null;
    }
    String what = file + ", " + key;
    String identityToken = Json.text(what, entry, "identitytoken");
    if (identityToken != null && !identityToken.isEmpty()) {
      return new Credentials(Credentials.TOKEN, identityToken);
    }
    String auth = Json.text(what, entry, "auth");
    if (auth != null && !auth.isEmpty()) {
      return decoded(what, auth);
    }
    String username = Json.text(what, entry, "username");
    String password = Json.text(what, entry, "password");
    return username == null || password == null ? null : new Credentials(username, password);
  }

  private static Credentials decoded(String what, String auth) throws ImageException {
    try {
      String text = new String(Base64.getDecoder().decode(auth.strip()), UTF_8);
      int colon = text.indexOf(':');
      if (colon >= 0) {
        // Some versions of Docker wrote a NUL at the end.
        return new Credentials(
            text.substring(0, colon), text.substring(colon + 1).replaceAll("\0+$", ""));
      }
    } catch (IllegalArgumentException e) {
      throw new ImageException(what + ": auth is not base64");
    }
    throw new ImageException(what + ": auth does not hold a user name and a password");
  }
}
