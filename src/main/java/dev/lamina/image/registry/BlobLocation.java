package dev.lamina.image.registry;

import dev.lamina.image.Digest;
import dev.lamina.image.Messages;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;

/** A place from which a blob can be downloaded. */
interface BlobLocation {
  /**
   * Requests the blob.
   *
   * @param position the position of the first byte wanted; the response may begin elsewhere
   */
  Response get(long position) throws IOException;

  Timing timing();

  /** Returns the name of the place, for messages. */
  @Override
  String toString();

  /** Returns whether this place is asked only when the registry does not have the blob. */
  default boolean isLastResort() {
    return false;
  }

  private static Map<String, String> from(long position) {
    return position == 0 ? Map.of() : Map.of("Range", "bytes=" + position + "-");
  }

  static BlobLocation in(Repository repository, Digest digest) {
    return new BlobLocation() {
      @Override
      public Response get(long position) throws IOException {
        return repository.read("GET", Repository.blob(digest), from(position));
      }

      @Override
      public Timing timing() {
        return repository.timing();
      }

      @Override
      public String toString() {
        return repository.toString();
      }
    };
  }

  /**
   * Returns the place at a URL of a foreign layer (OCI image specification, descriptor, "urls"). No
   * credentials are sent to it.
   */
  static BlobLocation at(String text, Transport transport) {
    return new BlobLocation() {
      @Override
      public Response get(long position) throws IOException {
        URI url = Origin.parse(text);
        Call call = new Call("GET", url, "", List.of(), from(position), null);
        Response response = Redirects.follow(transport, call, url, Origin.of(url), "");
        Endpoint.checkTransient(response);
        return response;
      }

      @Override
      public Timing timing() {
        return transport.options().timing();
      }

      @Override
      public boolean isLastResort() {
        return true;
      }

      @Override
      public String toString() {
        return Messages.quote(text);
      }
    };
  }
}
