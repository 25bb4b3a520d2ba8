package dev.lamina.image.registry;

import dev.lamina.testing.Commands;
import dev.lamina.testing.Waiting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The registry of CNCF Distribution on a loopback port, with its storage in a directory of a test.
 */
public final class RegistryServer implements AutoCloseable {
  /** The htpasswd line of the user "test" with the password "secret". */
  static final String HTPASSWD =
      "test:$2b$04$tocCmxvsiqICLXxVJjDqqu2dNVzmWBX0B8C/jsOefeQtN7vx6TINC\n";

  /** The state LISTEN in /proc/net/tcp. */
  private static final String LISTENS = "0A";

  private final Process process;
  private final int port;

  private RegistryServer(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Starts a registry without TLS that requires no login. */
  public static RegistryServer start(Path directory) {
    return start(directory, "", "");
  }

  /** Starts a registry that requires the user "test" with the password "secret". */
  static RegistryServer withPassword(Path directory) {
    Path file = directory.resolve("htpasswd");
    write(file, HTPASSWD);
    return start(directory, "", "auth:\n  htpasswd: {realm: a test, path: " + file + "}\n");
  }

  /**
   * @param http lines of the section "http" of the configuration, each indented by two blanks
   * @param more further sections of the configuration
   */
  static RegistryServer start(Path directory, String http, String more) {
    for (int attempt = 0; ; attempt++) {
      int port = freePort();
      Path configuration = directory.resolve("registry.yml");
      write(
          configuration,
          "version: 0.1\n"
              + "log: {level: error, accesslog: {disabled: true}}\n"
              + "storage:\n"
              + "  filesystem: {rootdirectory: "
              + directory.resolve("storage")
              + "}\n"
              + "  delete: {enabled: true}\n"
              + "http:\n"
              + "  addr: 127.0.0.1:"
              + port
              + "\n"
              + http
              + more);
      Process process = run(configuration, directory.resolve("registry.log"));
      if (isUp(process, port)) {
        return new RegistryServer(process, port);
      }
      Commands.kill(process);
      // Another process may have taken the port.
      if (attempt == 2) {
        throw new AssertionError(
            "docker-registry does not start: " + read(directory.resolve("registry.log")));
      }
    }
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Process run(Path configuration, Path log) {
    try {
      return new ProcessBuilder("docker-registry", "serve", configuration.toString())
          .redirectErrorStream(true)
          .redirectOutput(log.toFile())
          .start();
    } catch (IOException e) {
      throw new AssertionError("docker-registry must be installed (scripts/setup)", e);
    }
  }

  /** Waits until the server listens on the port or has ended because it cannot. */
  private static boolean isUp(Process process, int port) {
    Waiting.until("the registry starts", () -> listens(process, port) || !process.isAlive());
    return process.isAlive();
  }

  /** Returns whether this server, and not another process, listens on the port. */
  private static boolean listens(Process process, int port) {
    // Address and port, both in hexadecimal, in the byte order of the machine; see proc(5).
    String local = "0100007F:%04X".formatted(port);
    try {
      Set<String> sockets =
          Files.readAllLines(Path.of("/proc/net/tcp")).stream()
              .map(line -> line.trim().split("\\s+"))
              .filter(fields -> fields[1].equals(local) && fields[3].equals(LISTENS))
              .map(fields -> "socket:[" + fields[9] + "]")
              .collect(Collectors.toSet());
      try (Stream<Path> open = Files.list(Path.of("/proc", "" + process.pid(), "fd"))) {
        return open.anyMatch(fd -> sockets.contains(target(fd)));
      }
    } catch (IOException e) {
      // The server has ended.
      return false;
    }
  }

  private static String target(Path fd) {
    try {
      return Files.readSymbolicLink(fd).toString();
    } catch (IOException e) {
      // The descriptor was closed after it was listed.
      return "";
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  int port() {
    return port;
  }

  /** Returns the host as it is written in the names of images. */
  public String host() {
    return "127.0.0.1:" + port;
  }

  @Override
  public void close() {
    Commands.kill(process);
    process.onExit().join();
  }
}
