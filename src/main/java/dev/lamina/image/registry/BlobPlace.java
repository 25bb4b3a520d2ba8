package dev.lamina.image.registry;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.Words;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;

/** Where contents can be asked for. */
interface BlobPlace {
  /**
   * @param position of the first byte wanted; the answer may have others nevertheless
   */
  Answer get(long position) throws IOException;

  /** For messages. */
  @Override
  String toString();

  /** True for a place that is asked only for what the registry has not. */
  default boolean isLastResort() {
    return false;
  }

  private static Map<String, String> from(long position) {
    return position == 0 ? Map.of() : Map.of("Range", "bytes=" + position + "-");
  }

  static BlobPlace in(Repository repository, Digest digest) {
    return new BlobPlace() {
      @Override
      public Answer get(long position) throws IOException {
        return repository.read("GET", Repository.blob(digest), from(position));
      }

      @Override
      public String toString() {
        return repository.toString();
      }
    };
  }

  /**
   * A URL of a foreign layer (OCI image specification, descriptor, "urls"). It gets no credentials.
   */
  static BlobPlace at(String text, Transport transport) {
    return new BlobPlace() {
      @Override
      public Answer get(long position) throws IOException {
        URI url = url(text);
        Call call = new Call("GET", url, "", List.of(), from(position), null);
        Answer answer = Redirects.follow(transport, call, url, Origin.of(url), "");
        Endpoint.checkTransient(answer);
        return answer;
      }

      @Override
      public boolean isLastResort() {
        return true;
      }

      @Override
      public String toString() {
        return Words.quote(text);
      }
    };
  }

  private static URI url(String text) throws ImageException {
    try {
      URI url = URI.create(text);
      if (Origin.isUsable(url)) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      throw new ImageException("not a URL: " + Words.quote(text), e);
    }
    throw new ImageException("not a URL of http or https: " + Words.quote(text));
  }
}
