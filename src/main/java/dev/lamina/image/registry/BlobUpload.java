package dev.lamina.image.registry;

import dev.lamina.image.Descriptor;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageTarget.Contents;
import dev.lamina.image.Messages;
import dev.lamina.image.Progress;
import dev.lamina.sys.Log;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The upload of a blob into a repository (OCI distribution specification, "Pushing blobs"). A blob
 * that fits in one piece is sent with one PUT. A larger one is sent piece by piece, so that after a
 * broken connection the registry can say how much it has. A registry that does not accept pieces
 * gets the whole blob in one request.
 */
final class BlobUpload {
  private static final Pattern RANGE = Pattern.compile("(?:bytes=)?0-(\\d{1,18})");

  private final Repository repository;
  private final Descriptor descriptor;
  private final Contents contents;
  private final Progress progress;
  private Session session;
  private long position;
  private long furthest;
  private boolean isWhole;
  private boolean isUncertain;
  private boolean isResumed;

  /**
   * An upload session in a registry.
   *
   * @param location the URI to send to; each response may give another one
   * @param shortest the smallest size of a piece other than the last one, in bytes
   */
  record Session(URI location, long shortest) {
    /** Returns the session that a response has begun. */
    static Session of(Repository repository, Response response) throws ImageException {
      String shortest = response.header("OCI-Chunk-Min-Length");
      return new Session(
          location(repository, response, null),
          shortest.matches("\\d{1,18}") ? Long.parseLong(shortest) : 0);
    }

    Session movedBy(Repository repository, Response response) throws ImageException {
      return new Session(location(repository, response, location), shortest);
    }

    private static URI location(Repository repository, Response response, URI otherwise)
        throws ImageException {
      String location = response.header("Location");
      if (!location.isEmpty()) {
        boolean tlsVerify = repository.endpoint().options().tlsVerify();
        return Redirects.next(response.uri(), location, tlsVerify);
      }
      if (otherwise == null) {
        throw new ImageException(
            response.host() + " does not say where to upload to (its answer has no Location)");
      }
      return otherwise;
    }
  }

  /**
   * @param session a session that has begun already; null for none
   */
  BlobUpload(
      Repository repository,
      Descriptor descriptor,
      Contents contents,
      Session session,
      Progress progress) {
    this.repository = repository;
    this.descriptor = descriptor;
    this.contents = contents;
    this.session = session;
    this.progress = progress;
  }

  /**
   * Sends the blob. If that fails, nothing is left in the registry, provided that the registry can
   * be reached.
   */
  void run() throws IOException {
    Retries retries = new Retries(repository.timing());
    progress.started(descriptor);
    try {
      while (!attempt(retries)) {
        isUncertain = true;
      }
    } catch (IOException e) {
      abandon(repository, session);
      throw e;
    } finally {
      progress.finished(descriptor);
    }
  }

  /** Returns whether the upload is complete. */
  private boolean attempt(Retries retries) throws IOException {
    try {
      if (isUncertain) {
        askHowFar();
        if (session == null && repository.has(descriptor.digest())) {
          return true;
        }
      }
      if (session == null) {
        session = begin(repository);
        position = 0;
      }
      isUncertain = false;
      long piece = piece();
      if (isOnePut()) {
        finish(0);
        return true;
      }
      while (position < descriptor.size()) {
        send(Math.min(piece, descriptor.size() - position));
        if (position > furthest) {
          // Only beyond what was sent before, so that an upload that always breaks ends.
          furthest = position;
          retries.progressed();
        }
      }
      finish(position);
      return true;
    } catch (PiecesRefusedException e) {
      Log.debug(BlobUpload.class, "{}; sending all at once", e.getMessage());
      isWhole = true;
      restart();
      return false;
    } catch (IOException e) {
      retries.after(e);
      return false;
    }
  }

  private long piece() {
    return Math.max(repository.endpoint().options().piece(), session.shortest());
  }

  private boolean isOnePut() {
    return isWhole || descriptor.size() <= piece();
  }

  static Session begin(Repository repository) throws IOException {
    try (Response response =
        repository.write("POST", "blobs/uploads/", Map.of(), new RequestBody(new byte[0]))) {
      if (response.status() != 202) {
        throw response.refused("a push to " + repository);
      }
      return Session.of(repository, response);
    }
  }

  private void send(long length) throws IOException {
    Map<String, String> headers =
        Map.of(
            "Content-Type",
            "application/octet-stream",
            "Content-Range",
            position + "-" + (position + length - 1));
    try (Response response =
        repository.write("PATCH", session.location(), headers, part(position, length))) {
      switch (response.status()) {
        case 200, 201, 202, 204 -> {
          session = session.movedBy(repository, response);
          advance(position + length, response.header("Range"));
        }
        case 401, 403 -> throw response.refused("a push to " + repository);
        case 404, 416 -> throw lost(response);
        default -> throw new PiecesRefusedException(response.refused("a piece").getMessage());
      }
    }
  }

  private RequestBody part(long start, long length) {
    return new RequestBody(contents, start, length, sent -> progress.reached(descriptor, sent));
  }

  /** Sets the position to what the registry reports to have. */
  private void advance(long sent, String range) throws IOException {
    Matcher matcher = RANGE.matcher(range);
    long reached = matcher.matches() ? Long.parseLong(matcher.group(1)) + 1 : sent;
    if (reached > sent) {
      throw new ImageException(
          repository + " reports more bytes of " + descriptor.digest() + " than were sent");
    }
    if (reached <= position) {
      throw new TransientException(
          repository + " accepted none of the bytes that were sent", (Throwable) null);
    }
    position = reached;
  }

  private TransientException lost(Response response) {
    return new TransientException(
        repository
            + " no longer knows the upload of "
            + descriptor.digest()
            + " (status "
            + response.status()
            + ")"
            + response.problem(),
        (Throwable) null);
  }

  /** Sends the rest, which may be empty, and has the registry verify the whole blob. */
  private void finish(long start) throws IOException {
    URI location = session.location();
    String query = location.getRawQuery() == null ? "?" : "&";
    URI target = URI.create(location + query + "digest=" + descriptor.digest());
    Map<String, String> headers = Map.of("Content-Type", "application/octet-stream");
    long length = descriptor.size() - start;
    try (Response response = repository.write("PUT", target, headers, part(start, length))) {
      switch (response.status()) {
        case 200, 201, 204 -> checkStored(response);
        case 404, 416 -> throw lost(response);
        case 400 -> {
          RefusedException refused = response.refused("the push of " + descriptor.digest());
          // After a resumed upload the parts may not match, so the whole blob is sent again.
          throw isResumed ? new PiecesRefusedException(refused.getMessage()) : refused;
        }
        default -> throw response.refused("the push of " + descriptor.digest());
      }
    }
    session = null;
    progress.reached(descriptor, descriptor.size());
  }

  private void checkStored(Response response) throws ImageException {
    RegistryTarget.checkStored(response, descriptor.digest());
  }

  /**
   * Finds out, after a failure, how much of the blob the registry has. It may have anything from
   * nothing to all that was sent. (CNCF Distribution, at least up to 2.8, forgets an upload of
   * which it got only part of a piece.)
   */
  private void askHowFar() throws IOException {
    if (session == null) {
      return;
    }
    if (isOnePut()) {
      restart();
      return;
    }
    try (Response response = repository.write("GET", session.location(), Map.of(), null)) {
      Matcher range = RANGE.matcher(response.header("Range"));
      boolean isKnown = response.status() == 204 || response.status() == 200;
      long reached = isKnown && range.matches() ? Long.parseLong(range.group(1)) + 1 : 0;
      // "0-0" may mean one byte or none.
      if (reached > 1 && reached <= descriptor.size()) {
        session = session.movedBy(repository, response);
        position = reached;
        isResumed = true;
        progress.reached(descriptor, reached);
        return;
      }
    }
    restart();
  }

  private void restart() {
    abandon(repository, session);
    session = null;
    position = 0;
    isResumed = false;
    progress.reached(descriptor, 0);
  }

  /** Cancels an upload. */
  static void abandon(Repository repository, Session session) {
    if (session == null) {
      return;
    }
    try {
      repository.write("DELETE", session.location(), Map.of(), null).close();
    } catch (IOException e) {
      // Registries remove old uploads by themselves.
      Log.debug(
          BlobUpload.class, "an upload is left behind: {}", Messages.quote("" + e.getMessage()));
    }
  }

  /** Thrown when the registry does not accept a blob in pieces. */
  private static final class PiecesRefusedException extends IOException {
    private static final long serialVersionUID = 1;

    PiecesRefusedException(String message) {
      super(message);
    }
  }
}
