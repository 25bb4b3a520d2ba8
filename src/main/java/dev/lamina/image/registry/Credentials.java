package dev.lamina.image.registry;

/**
 * Who somebody is to a registry. The secret is never shown.
 *
 * @param username {@value #TOKEN} where the secret is an identity token, as credential helpers say
 *     it
 */
public record Credentials(String username, String secret) {
  static final String TOKEN = "<token>";

  /** True when the secret is one that a token server takes in exchange for tokens. */
  boolean isIdentityToken() {
    return username.equals(TOKEN);
  }

  @Override
  public String toString() {
    return "Credentials[" + username + "]";
  }
}
