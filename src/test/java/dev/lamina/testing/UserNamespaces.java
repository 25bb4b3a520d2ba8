package dev.lamina.testing;

/** Finds out whether this process may create user namespaces, which some machines do not allow. */
public final class UserNamespaces {
  private UserNamespaces() {}

  /**
   * Fails the test with a message that says what is missing, if user namespaces cannot be created.
   */
  public static void require() {
    Commands.Result result = Commands.run("unshare", "--user", "true");
    if (result.status() != 0) {
      throw new AssertionError(
          "user namespaces are not allowed here, and after chroot(1) never are"
              + " (user_namespaces(7)): "
              + result.err().strip());
    }
  }
}
