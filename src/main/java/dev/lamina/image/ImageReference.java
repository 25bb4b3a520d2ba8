package dev.lamina.image;

import java.util.regex.Pattern;

/**
 * Where an image is in a registry, in the words that docker and podman take: {@code
 * [HOST[:PORT]/]REPOSITORY[:TAG][@DIGEST]}. Without a host it is Docker Hub's, where a repository
 * without an owner is {@code library/}'s; without a tag or digest it is {@code latest}.
 *
 * @param tag null where only a digest is given
 * @param digest null where none is given; it counts before the tag
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
        throw wrong(text, "the tag is none");
      }
    }
    int slash = rest.indexOf('/');
    String first = slash < 0 ? "" : rest.substring(0, slash);
    String registry = HUB;
    if (first.contains(".") || first.contains(":") || first.equals("localhost")) {
      registry = first.equals("index.docker.io") ? HUB : first;
      rest = rest.substring(slash + 1);
      if (!HOST.matcher(registry).matches()) {
        throw wrong(text, "the host is none");
      }
    }
    for (String component : rest.split("/", -1)) {
      if (!COMPONENT.matcher(component).matches()) {
        throw wrong(text, "a repository is lower-case letters, digits, and . _ - between them");
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
    return new ImageException("not the name of an image: " + Words.quote(text) + ": " + why);
  }

  /** What the registry's API calls it by: the digest, where there is one. */
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
