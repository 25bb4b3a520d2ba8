package dev.lamina.image.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import dev.lamina.image.Words;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.OptionalLong;

/** The answer to a request. Whoever gets one closes it, or reads its body to the end. */
final class Response implements AutoCloseable {
  /** Of the body of an error, in bytes. */
  private static final int LONGEST_PROBLEM = 64 << 10;

  private static final int BUFFER = 16 << 10;

  private final HttpResponse<BodyStream> response;

  Response(HttpResponse<BodyStream> response) {
    this.response = response;
  }

  int status() {
    return response.statusCode();
  }

  /** The first of that name; empty where there is none. */
  String header(String name) {
    return response.headers().firstValue(name).orElse("");
  }

  List<String> headers(String name) {
    return response.headers().allValues(name);
  }

  /** What "Content-Length" says, in bytes. */
  OptionalLong length() {
    try {
      return response.headers().firstValueAsLong("Content-Length");
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** Of the request. */
  URI uri() {
    return response.uri();
  }

  /** Who answered, for messages. */
  String host() {
    return Origin.of(uri()).host();
  }

  BodyStream body() {
    return response.body();
  }

  /**
   * The whole body.
   *
   * @param most bytes that it may have
   * @param what it is, for the message
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
   * What the registry says of an error (OCI distribution specification, "Error Codes"), after a
   * colon; empty where it says nothing that can be read.
   */
  String problem() {
    try {
      for (JsonNode error :
          Json.elements("the error", Json.parse("the error", upTo(LONGEST_PROBLEM)), "errors")) {
        String message = error.path("message").asText("");
        String text = message.isEmpty() ? error.path("code").asText("") : message;
        if (!text.isEmpty()) {
          return ": " + Words.quote(text);
        }
      }
    } catch (IOException e) {
      // The status says enough.
      return "";
    }
    return "";
  }

  /** The error of an answer that was not expected, for good. */
  RefusedException refused(String what) {
    String reason =
        switch (status()) {
          case 403 -> " is not allowed by " + host();
          case 404 -> " is not there on " + host();
          default -> ": " + host() + " answers with status " + status();
        };
    return new RefusedException(status(), what + reason + problem());
  }

  /** Ends it, so that its connection can be used again if there is not much left to read. */
  @Override
  public void close() {
    try {
      upTo(LONGEST_PROBLEM);
    } catch (IOException e) {
      // The response was not wanted any more.
      body().close();
    }
  }
}
