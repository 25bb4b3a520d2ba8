package dev.lamina.image.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import dev.lamina.image.Messages;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.OptionalLong;

/** The response to a request. The caller must close it or read its body to the end. */
final class Response implements AutoCloseable {
  /** The part of an error's body that is read, in bytes. */
  private static final int LONGEST_PROBLEM = 64 << 10;

  private static final int BUFFER = 16 << 10;

  private final HttpResponse<BodyStream> response;

  Response(HttpResponse<BodyStream> response) {
    this.response = response;
  }

  int status() {
    return response.statusCode();
  }

  /** Returns the first header of that name, or an empty string. */
  String header(String name) {
    return response.headers().firstValue(name).orElse("");
  }

  List<String> headers(String name) {
    return response.headers().allValues(name);
  }

  /** Returns the value of Content-Length, in bytes. */
  OptionalLong length() {
    try {
      return response.headers().firstValueAsLong("Content-Length");
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** Returns the URI of the request. */
  URI uri() {
    return response.uri();
  }

  /** Returns the name of the host that answered, for messages. */
  String host() {
    return Origin.of(uri()).host();
  }

  BodyStream body() {
    return response.body();
  }

  /**
   * Returns the whole body.
   *
   * @param most the largest size allowed, in bytes
   * @param what describes the body in the error message
   */
  byte[] bytes(int most, String what) throws IOException {
    byte[] bytes;
    try {
      bytes = upTo(most + 1);
    } catch (IOException e) {
      throw ConnectionErrors.broken(ConnectionErrors.connection(host()), e);
    }
    if (bytes.length > most) {
      throw new ImageException(
          what + " is too large: " + host() + " sends more than the " + most + " bytes allowed");
    }
    return bytes;
  }

  private byte[] upTo(int most) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] buffer = new byte[BUFFER];
    try (BodyStream body = body()) {
      int count = body.read(buffer, 0, buffer.length);
      while (count >= 0 && all.size() < most) {
        all.write(buffer, 0, Math.min(count, most - all.size()));
        count = body.read(buffer, 0, buffer.length);
      }
    }
    return all.toByteArray();
  }

  /**
   * Returns the registry's own description of an error (OCI distribution specification, "Error
   * Codes") after a colon. It is empty if the body has none.
   */
  String problem() {
    try {
      for (JsonNode error :
          Json.elements("the error", Json.parse("the error", upTo(LONGEST_PROBLEM)), "errors")) {
        String message = error.path("message").asText("");
        String text = message.isEmpty() ? error.path("code").asText("") : message;
        if (!text.isEmpty()) {
          return ": " + Messages.quote(text);
        }
      }
    } catch (IOException e) {
      // The message has the status; a description is not needed.
      return "";
    }
    return "";
  }

  /** Returns the exception for a response that another attempt would not change. */
  RefusedException refused(String what) {
    String reason =
        switch (status()) {
          case 403 -> " is not allowed by " + host();
          case 404 -> " does not exist on " + host();
          default -> ": " + host() + " answers with status " + status();
        };
    return new RefusedException(status(), what + reason + problem());
  }

  /** Closes the body. The connection can be used again if little of the body was left to read. */
  @Override
  public void close() {
    try {
      upTo(LONGEST_PROBLEM);
    } catch (IOException e) {
      // Nothing of the response is needed any more.
      body().close();
    }
  }
}
