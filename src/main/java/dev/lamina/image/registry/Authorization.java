package dev.lamina.image.registry;

import dev.lamina.image.ImageException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The authorization for a registry. Requests have none until the registry asks for it, and then a
 * password (RFC 7617) or a token for the operation (RFC 6750), which is kept while it is valid.
 * Threads that need the same token wait until one of them has it.
 */
final class Authorization {
  private static final String BASIC = "basic";
  private static final String BEARER = "bearer";

  private final String registry;
  private final Transport transport;
  private final CredentialStore store;
  private final Credentials given;
  private final Map<String, Optional<Credentials>> known = new HashMap<>();
  private final Map<List<String>, Token> tokens = new HashMap<>();
  private Challenge challenge;

  /**
   * @param registry the registry's name as users write it
   * @param given the credentials to use; null for those in the store
   */
  Authorization(String registry, Transport transport, CredentialStore store, Credentials given) {
    this.registry = registry;
    this.transport = transport;
    this.store = store;
    this.given = given;
  }

  /** Returns the value of the header Authorization, or an empty string. */
  synchronized String header(Call call) throws IOException {
    if (challenge == null) {
      return "";
    }
    Credentials credentials = credentials(call.repository());
    if (challenge.scheme().equals(BASIC)) {
      return credentials == null ? "" : TokenServer.basic(credentials);
    }
    Token token = tokens.get(call.scopes());
    if (token == null || !token.isGood()) {
      token = token(call, credentials);
      tokens.put(call.scopes(), token);
    }
    return token.header();
  }

  private Token token(Call call, Credentials credentials) throws IOException {
    try {
      return new TokenServer(transport, registry, challenge).get(call.scopes(), credentials);
    } catch (RefusedException e) {
      if (e.status() == 401 || e.status() == 403) {
        throw unauthorized(call, e);
      }
      throw e;
    }
  }

  /**
   * Returns a new value after one that the registry did not accept.
   *
   * @param challenges the challenges in the registry's response
   * @param used the value that was not accepted; empty if there was none
   */
  synchronized String renewed(Call call, List<Challenge> challenges, String used)
      throws IOException {
    challenge = choose(call, challenges);
    if (challenge.scheme().equals(BEARER)) {
      Token token = tokens.get(call.scopes());
      // Another thread may have got a new token meanwhile.
      if (token != null && token.header().equals(used)) {
        tokens.remove(call.scopes());
      }
    }
    String header = header(call);
    if (header.isEmpty() || header.equals(used)) {
      throw unauthorized(call, null);
    }
    return header;
  }

  private Challenge choose(Call call, List<Challenge> challenges) throws IOException {
    for (String scheme : List.of(BEARER, BASIC)) {
      for (Challenge each : challenges) {
        if (each.scheme().equals(scheme)) {
          return each;
        }
      }
    }
    throw unauthorized(call, null);
  }

  private Credentials credentials(String repository) throws IOException {
    Optional<Credentials> found = known.get(repository);
    if (found == null) {
      found = Optional.ofNullable(given != null ? given : store.find(registry, repository));
      known.put(repository, found);
    }
    return found.orElse(null);
  }

  /** Returns the exception for a call that is not allowed, with or without credentials. */
  synchronized ImageException unauthorized(Call call, Throwable cause) throws IOException {
    String name = registry + "/" + call.repository();
    String advice = "log in with \"podman login " + registry + "\"";
    String message =
        credentials(call.repository()) == null
            ? registry + " requires a login, or " + name + " does not exist: " + advice
            : registry
                + " does not accept the user name and password, or they do not give access to "
                + name
                + ": "
                + advice;
    return new ImageException(message, cause);
  }
}
