package dev.lamina.image.registry;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A proxy on a loopback port in front of a registry, which changes requests and responses as a test
 * wants. Each request has a connection of its own. Without a registry, only the faults answer.
 */
final class FaultProxy implements AutoCloseable {
  /** An HTTP message, with its first line and header fields as they are sent. */
  static final class Message {
    String line;
    List<String> fields = new ArrayList<>();
    byte[] body = new byte[0];

    Message(String line, String... fields) {
      this.line = line;
      this.fields.addAll(List.of(fields));
    }

    /** Returns a field, or an empty string if the message does not have it. */
    String field(String name) {
      for (String field : fields) {
        if (field.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":")) {
          return field.substring(name.length() + 1).strip();
        }
      }
      return "";
    }

    Message without(String name) {
      fields.removeIf(
          field -> field.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":"));
      return this;
    }

    Message with(String name, String value) {
      without(name).fields.add(name + ": " + value);
      return this;
    }

    Message body(byte[] bytes) {
      body = bytes;
      return with("Content-Length", "" + bytes.length);
    }

    byte[] head() {
      return (line + "\r\n" + String.join("\r\n", fields) + "\r\n\r\n").getBytes(ISO_8859_1);
    }

    @Override
    public String toString() {
      return line;
    }
  }

  /** What a fault can do with a request. */
  interface Exchange {
    Message request();

    /** Sends the request to the registry and returns the response, which may be changed. */
    Message forward() throws IOException;

    /** Sends part of the request to the registry and breaks that connection. */
    void forwardPart(int bytesOfBody) throws IOException;

    /** Sends a response. */
    default void answer(Message message) throws IOException {
      answer(message, message.body.length);
    }

    /** Sends a response with only part of its body. */
    void answer(Message message, int bytesOfBody) throws IOException;

    /** Sends more of the body of a response. */
    void more(byte[] bytes, int offset, int length) throws IOException;
  }

  /** A fault. After it the connection is closed, even if it has sent no response. */
  interface Fault {
    void handle(Exchange exchange) throws IOException, InterruptedException;
  }

  private record Rule(String start, Fault fault) {}

  /** The first byte of a connection with TLS: the type of a handshake record. */
  private static final int TLS = 0x16;

  private final ServerSocket server;
  private final int upstream;
  private final Queue<Rule> once = new ConcurrentLinkedQueue<>();
  private final List<Rule> always = new ArrayList<>();
  private final Queue<Message> requests = new ConcurrentLinkedQueue<>();
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /** Makes a proxy in front of a registry. */
  FaultProxy(RegistryServer registry) {
    this(registry.port());
  }

  /** Makes a proxy without a registry. */
  FaultProxy() {
    this(0);
  }

  private FaultProxy(int upstream) {
    this.upstream = upstream;
    try {
      server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    start(this::accept);
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "fault proxy");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return server.getLocalPort();
  }

  String host() {
    return "127.0.0.1:" + port();
  }

  /**
   * Sets the fault for the next request whose first line begins in this way; a star stands for any
   * text. Several faults for the same beginning are used one after the other.
   */
  FaultProxy once(String start, Fault fault) {
    once.add(new Rule(start, fault));
    return this;
  }

  FaultProxy always(String start, Fault fault) {
    synchronized (always) {
      always.add(new Rule(start, fault));
    }
    return this;
  }

  /** Returns all requests so far whose first line begins in this way. */
  List<Message> requests(String start) {
    return requests.stream().filter(request -> matches(start, request)).toList();
  }

  /** Fails if a fault has failed or was not used. */
  void check() {
    if (!failures.isEmpty()) {
      throw new AssertionError("in a fault", failures.peek());
    }
    if (!once.isEmpty()) {
      throw new AssertionError("nobody asked for " + once.peek().start + "; but " + requests);
    }
  }

  /**
   * Fails unless a request continues where a connection broke, or shortly before that: the JDK may
   * discard the last buffers that it received.
   *
   * @param range the header Range of the request
   */
  static void assertResumed(long broke, String range) {
    long from = range.matches("bytes=\\d+-") ? Long.parseLong(range.replaceAll("\\D", "")) : -1;
    if (from > broke || from <= broke - (512 << 10) || from <= 0) {
      throw new AssertionError("broken at " + broke + ", and \"" + range + "\" is asked for");
    }
  }

  private static boolean matches(String start, Message request) {
    StringBuilder pattern = new StringBuilder();
    for (String part : start.split("\\*", -1)) {
      pattern.append(pattern.isEmpty() ? "" : ".*").append(java.util.regex.Pattern.quote(part));
    }
    return request.line.matches(pattern + ".*");
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        open.add(socket);
        start(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      Message request = head(socket.getInputStream());
      if (request == null) {
        return;
      }
      requests.add(request);
      Connection connection = new Connection(socket, request);
      Fault fault = fault(request);
      if (fault == null) {
        connection.answer(connection.forward());
      } else {
        run(fault, connection);
      }
    } catch (IOException e) {
      // The client has closed the connection, as at the end of a test.
      return;
    } finally {
      open.remove(socket);
    }
  }

  private void run(Fault fault, Connection connection) throws IOException {
    try {
      fault.handle(connection);
    } catch (InterruptedException | RuntimeException | Error e) {
      failures.add(e);
    }
  }

  private Fault fault(Message request) {
    for (Rule rule : once) {
      if (matches(rule.start, request) && once.remove(rule)) {
        return rule.fault;
      }
    }
    synchronized (always) {
      for (Rule rule : always) {
        if (matches(rule.start, request)) {
          return rule.fault;
        }
      }
    }
    return null;
  }

  private final class Connection implements Exchange {
    private final Socket socket;
    private final Message request;

    Connection(Socket socket, Message request) {
      this.socket = socket;
      this.request = request;
    }

    @Override
    public Message request() {
      return request;
    }

    private Socket toRegistry() throws IOException {
      Socket registry = new Socket(InetAddress.getLoopbackAddress(), upstream);
      open.add(registry);
      request.with("Connection", "close");
      registry.getOutputStream().write(request.head());
      return registry;
    }

    @Override
    public Message forward() throws IOException {
      try (Socket registry = toRegistry()) {
        copy(socket.getInputStream(), registry.getOutputStream(), length(request));
        Message answer = head(registry.getInputStream());
        answer.without("Connection").with("Connection", "close");
        if (!request.line.startsWith("HEAD")) {
          answer.body = registry.getInputStream().readAllBytes();
        }
        open.remove(registry);
        return answer;
      }
    }

    @Override
    public void forwardPart(int bytesOfBody) throws IOException {
      try (Socket registry = toRegistry()) {
        copy(socket.getInputStream(), registry.getOutputStream(), bytesOfBody);
        open.remove(registry);
      }
    }

    @Override
    public void answer(Message message, int bytesOfBody) throws IOException {
      socket.getOutputStream().write(message.head());
      more(message.body, 0, Math.min(bytesOfBody, message.body.length));
    }

    @Override
    public void more(byte[] bytes, int offset, int length) throws IOException {
      socket.getOutputStream().write(bytes, offset, length);
    }
  }

  private static long length(Message request) {
    String length = request.field("Content-Length");
    return length.isEmpty() ? 0 : Long.parseLong(length);
  }

  private static void copy(InputStream in, OutputStream out, long length) throws IOException {
    byte[] buffer = new byte[8192];
    for (long left = length; left > 0; ) {
      int count = in.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (count < 0) {
        throw new EOFException("the client sent less than it said");
      }
      out.write(buffer, 0, count);
      left -= count;
    }
  }

  /** Reads a message; returns null at the end of the connection, and for TLS. */
  private static Message head(InputStream in) throws IOException {
    Message message = new Message(null);
    String line = line(in);
    message.line = line;
    while (line != null && !line.isEmpty()) {
      line = line(in);
      if (line != null && !line.isEmpty()) {
        message.fields.add(line);
      }
    }
    return line == null ? null : message;
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0 || b == TLS && bytes.size() == 0) {
        return null;
      }
      bytes.write(b);
    }
    return bytes.toString(ISO_8859_1).stripTrailing();
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
