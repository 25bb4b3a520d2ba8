package dev.lamina.testing;

/** Whether this process may have user namespaces, which some machines do not allow. */
public final class UserNamespaces {
  private UserNamespaces() {}

  /** Fails the test, in a line that says what is missing, where there can be none. */
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
