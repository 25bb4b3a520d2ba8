package dev.lamina.image.registry;

/**
 * A user name and a secret for a registry. The secret never appears in messages.
 *
 * @param username the name; {@value #TOKEN}, as from credential helpers, if the secret is an
 *     identity token
 */
public record Credentials(String username, String secret) {
  static final String TOKEN = "<token>";

  /** Returns whether a token server exchanges the secret for tokens (OAuth 2). */
  boolean isIdentityToken() {
    return username.equals(TOKEN);
  }

  @Override
  public String toString() {
    return "Credentials[" + username + "]";
  }
}
