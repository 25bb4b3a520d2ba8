package dev.lamina.image.registry;

import dev.lamina.testing.Commands;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The distribution's own registry on a loopback port, with its storage in a directory of a test.
 */
public final class RegistryServer implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(20);

  /** Of the user "test" with the password "secret". */
  static final String HTPASSWD =
      "test:$2b$04$tocCmxvsiqICLXxVJjDqqu2dNVzmWBX0B8C/jsOefeQtN7vx6TINC\n";

  private final Process process;
  private final int port;

  private RegistryServer(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Without TLS and open to everybody. */
  public static RegistryServer start(Path directory) {
    return start(directory, "", "");
  }

  /** That wants the user "test" with the password "secret". */
  static RegistryServer withPassword(Path directory) {
    Path file = directory.resolve("htpasswd");
    write(file, HTPASSWD);
    return start(directory, "", "auth:\n  htpasswd: {realm: a test, path: " + file + "}\n");
  }

  /**
   * @param http lines of the configuration's part "http", each with two blanks before it
   * @param more parts of the configuration
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
      // Somebody else may have taken the port.
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

  private static boolean isUp(Process process, int port) {
    long deadline = System.nanoTime() + START.toNanos();
    while (process.isAlive() && System.nanoTime() < deadline) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
        return process.isAlive();
      } catch (IOException e) {
        pause();
      }
    }
    return false;
  }

  private static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
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

  /** As images name it. */
  public String host() {
    return "127.0.0.1:" + port;
  }

  @Override
  public void close() {
    Commands.kill(process);
    process.onExit().join();
  }
}
