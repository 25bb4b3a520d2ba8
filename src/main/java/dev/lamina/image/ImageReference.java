package dev.lamina.image;

import java.util.regex.Pattern;

/**
 * The name of an image in a registry, in the form of docker and podman: {@code
 * [HOST[:PORT]/]REPOSITORY[:TAG][@DIGEST]}. The default host is Docker Hub, where a repository
 * without an owner belongs to {@code library/}; the default tag is {@code latest}.
 *
 * @param tag null if only a digest is given
 * @param digest null if none is given; otherwise it takes precedence over the tag
 */
public record ImageReference(String registry, String repository, String tag, Digest digest) {
  private static final String HUB = "docker.io";
  private static final String LATEST = "latest";
  private static final int LONGEST = 255;
  private static final Pattern COMPONENT =
      Pattern.compile("[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*");
  private static final Pattern HOST =
      Pattern.compile(
          "(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
              + "(?:\\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*"
              + "|\\[[0-9a-fA-F:]+\\])(?::[0-9]{1,5})?");
  private static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}");

  /** Reads a reference and completes it with the defaults. */
  public static ImageReference parse(String text) throws ImageException {
    String rest = text;
    Digest digest = null;
    int at = rest.indexOf('@');
    if (at >= 0) {
      digest = Digest.parse(rest.substring(at + 1));
      rest = rest.substring(0, at);
    }
    String tag = digest == null ? LATEST : null;
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/')) {
      tag = rest.substring(colon + 1);
      rest = rest.substring(0, colon);
      if (!isTag(tag)) {
        throw wrong(text, "the tag is not valid");
      }
    }
    int slash = rest.indexOf('/');
    String first = slash < 0 ? "" : rest.substring(0, slash);
    String registry = HUB;
    if (first.contains(".") || first.contains(":") || first.equals("localhost")) {
      registry = first.equals("index.docker.io") ? HUB : first;
      rest = rest.substring(slash + 1);
      if (!HOST.matcher(registry).matches()) {
        throw wrong(text, "the host is not valid");
      }
    }
    for (String component : rest.split("/", -1)) {
      if (!COMPONENT.matcher(component).matches()) {
        throw wrong(
            text,
            "a repository consists of lower-case letters and digits, with . _ or - between them");
      }
    }
    if (rest.length() > LONGEST) {
      throw wrong(text, "the repository's name is too long");
    }
    boolean isOfficial = registry.equals(HUB) && !rest.contains("/");
    return new ImageReference(registry, isOfficial ? "library/" + rest : rest, tag, digest);
  }

  public static boolean isTag(String text) {
    return TAG.matcher(text).matches();
  }

  private static ImageException wrong(String text, String why) {
    return new ImageException("not a valid image name: " + Messages.quote(text) + ": " + why);
  }

  /** Returns the reference in the registry's API: the digest if there is one, otherwise the tag. */
  public String tagOrDigest() {
    return digest != null ? digest.toString() : tag;
  }

  @Override
  public String toString() {
    return registry
        + "/"
        + repository
        + (tag == null ? "" : ":" + tag)
        + (digest == null ? "" : "@" + digest);
  }
}
