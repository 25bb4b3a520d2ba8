package dev.lamina.image.registry;

import dev.lamina.image.ImageException;
import dev.lamina.image.Messages;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLException;

/** Makes the exceptions for failed connections, with messages for users. */
final class ConnectionErrors {
  private ConnectionErrors() {}

  /**
   * Returns the exception for a request that got no response.
   *
   * @param host the host's name as the user knows it
   * @param answered whether the host has answered before; then even a failure to connect is
   *     transient
   */
  static IOException explain(String host, Throwable failure, boolean tlsVerify, boolean answered) {
    if (failure instanceof InterruptedIOException e) {
      return e;
    }
    if (has(failure, UnresolvedAddressException.class)
        || has(failure, UnknownHostException.class)) {
      return either(answered, "cannot find the host " + host + ": its name is not known", failure);
    }
    if (failure instanceof HttpConnectTimeoutException) {
      return either(
          answered, "cannot connect to " + host + ": it does not answer in time", failure);
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
    String advice = tlsVerify ? ", or use --tls-verify=false to accept any certificate" : "";
    if (isNoTls(failure)) {
      return new ImageException(
          host
              + " does not speak TLS"
              + (tlsVerify ? ": --tls-verify=false allows plain HTTP, which is not secure" : ""),
          failure);
    }
    if (has(failure, GeneralSecurityException.class)) {
      return new ImageException(
          "the certificate of "
              + host
              + " is not trusted"
              + detail(failure, "no reason is given")
              + "; give the certificate of its authority with --cert-dir"
              + advice,
          failure);
    }
    return new ImageException(
        "TLS with " + host + " failed" + detail(failure, "no reason is given"), failure);
  }

  static String connection(String host) {
    return "the connection to " + host + " broke";
  }

  /** Returns whether the server answered with something other than TLS. */
  static boolean isNoTls(Throwable failure) {
    return failure instanceof SSLException && ("" + failure.getMessage()).contains("SSL message");
  }

  /**
   * Returns the exception for a connection that broke or stalled.
   *
   * @param what says to the user what was interrupted
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
    return ": " + (message == null || message.isBlank() ? otherwise : Messages.quote(message));
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
