package dev.lamina.image.registry;

import dev.lamina.image.ImageException;
import dev.lamina.image.Words;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLException;

/** What goes wrong on the way to a registry, in words for users. */
final class ConnectionErrors {
  private ConnectionErrors() {}

  /**
   * @param host as the user knows it
   * @param answered true for a host that did answer before: then it is worth to try again what is
   *     for good otherwise
   */
  static IOException explain(String host, Throwable failure, boolean tlsVerify, boolean answered) {
    if (failure instanceof InterruptedIOException e) {
      return e;
    }
    if (has(failure, UnresolvedAddressException.class)
        || has(failure, UnknownHostException.class)) {
      return either(answered, "there is no host " + host + " (its name is not known)", failure);
    }
    if (failure instanceof HttpConnectTimeoutException) {
      return either(answered, host + " does not answer: no connection in time", failure);
    }
    if (has(failure, ConnectException.class)) {
      String message = "cannot connect to " + host + detail(failure, "the connection is refused");
      return either(answered, message, failure);
    }
    if (failure instanceof SSLException) {
      return tls(host, failure, tlsVerify);
    }
    return broken(connection(host), failure);
  }

  private static IOException tls(String host, Throwable failure, boolean tlsVerify) {
    if (has(failure, EOFException.class) || failure.getCause() instanceof IOException) {
      return broken(connection(host), failure);
    }
    String advice = tlsVerify ? ", or --tls-verify=false to do without TLS's protection" : "";
    if (isNoTls(failure)) {
      return new ImageException(
          host
              + " does not speak TLS"
              + (tlsVerify ? ": --tls-verify=false allows plain HTTP, which is not safe" : ""),
          failure);
    }
    if (has(failure, GeneralSecurityException.class)) {
      return new ImageException(
          "the certificate of "
              + host
              + " is not to be trusted"
              + detail(failure, "no reason is given")
              + ". The certificate of its authority can be given with --cert-dir"
              + advice,
          failure);
    }
    return new ImageException("no TLS with " + host + detail(failure, "it fails"), failure);
  }

  static String connection(String host) {
    return "the connection to " + host + " broke";
  }

  /** True when something else than TLS came back. */
  static boolean isNoTls(Throwable failure) {
    return failure instanceof SSLException && ("" + failure.getMessage()).contains("SSL message");
  }

  /**
   * A connection that ended too early, or on which nothing comes any more.
   *
   * @param what it means, in words for the user
   */
  static IOException broken(String what, Throwable failure) {
    if (failure instanceof InterruptedIOException e) {
      return e;
    }
    return new TransientException(what + detail(failure, "no reason is given"), failure);
  }

  private static IOException either(boolean answered, String message, Throwable failure) {
    return answered
        ? new TransientException(message, failure)
        : new ImageException(message, failure);
  }

  private static String detail(Throwable failure, String otherwise) {
    String message = failure.getMessage();
    return ": " + (message == null || message.isBlank() ? otherwise : Words.quote(message));
  }

  private static boolean has(Throwable failure, Class<? extends Throwable> type) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (type.isInstance(at)) {
        return true;
      }
    }
    return false;
  }
}
