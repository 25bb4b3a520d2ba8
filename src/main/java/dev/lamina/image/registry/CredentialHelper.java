package dev.lamina.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import dev.lamina.image.Messages;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * A program {@code docker-credential-NAME} that keeps credentials. It reads the name of a server
 * from its standard input and prints JSON (the protocol of docker-credential-helpers).
 */
final class CredentialHelper {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
  private static final int LONGEST = 64 << 10;
  private static final String NONE = "credentials not found";

  private final String name;
  private final Map<String, String> environment;
  private final Duration patience;

  /**
   * @param environment the environment of the program; its PATH is used to find the program
   */
  CredentialHelper(String name, Map<String, String> environment, Duration patience) {
    this.name = name;
    this.environment = environment;
    this.patience = patience;
  }

  /**
   * Returns the credentials for a server.
   *
   * @return null if the program has none
   * @throws ImageException if the program cannot be run, fails, or does not end in time
   */
  Credentials get(String server) throws IOException {
    Process process = start();
    CompletableFuture<byte[]> printed =
        CompletableFuture.supplyAsync(() -> read(process), task -> daemon(task).start());
    try (OutputStream in = process.getOutputStream()) {
      in.write(server.getBytes(UTF_8));
    } catch (IOException e) {
      // The program has ended without reading its input; its output says why.
      return result(process, printed, server);
    }
    return result(process, printed, server);
  }

  private Process start() throws IOException {
    ProcessBuilder builder = new ProcessBuilder(program().toString(), "get");
    builder.environment().clear();
    builder.environment().putAll(environment);
    try {
      return builder.redirectError(Redirect.DISCARD).start();
    } catch (IOException e) {
      throw new ImageException("cannot run docker-credential-" + name + ": " + e.getMessage(), e);
    }
  }

  private Path program() throws ImageException {
    if (NAME.matcher(name).matches()) {
      for (String directory : environment.getOrDefault("PATH", "").split(":")) {
        Path program = Path.of(directory, "docker-credential-" + name);
        if (directory.startsWith("/") && Files.isExecutable(program)) {
          return program;
        }
      }
    }
    throw new ImageException(
        "cannot find the program docker-credential-" + Messages.quote(name) + " in PATH");
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "credential helper");
    thread.setDaemon(true);
    return thread;
  }

  private static byte[] read(Process process) {
    try {
      return process.getInputStream().readNBytes(LONGEST);
    } catch (IOException e) {
      return new byte[0];
    }
  }

  private Credentials result(Process process, CompletableFuture<byte[]> printed, String server)
      throws IOException {
    try {
      byte[] bytes = printed.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new TimeoutException();
      }
      if (process.exitValue() != 0) {
        String text = new String(bytes, UTF_8).strip();
        if (text.contains(NONE)) {
          return null;
        }
        throw new ImageException(
            "docker-credential-" + name + " failed for " + server + ": " + Messages.quote(text));
      }
      return parse(bytes);
    } catch (TimeoutException e) {
      throw new ImageException(
          "docker-credential-" + name + " does not end within " + patience.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      throw Retries.interrupted();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private Credentials parse(byte[] bytes) throws ImageException {
    String what = "the output of docker-credential-" + name;
    ObjectNode object;
    try {
      object = Json.parse(what, bytes);
    } catch (ImageException e) {
      // The message of the cause may quote part of the secret.
      throw new ImageException(what + " is not valid JSON");
    }
    String username = Json.text(what, object, "Username");
    String secret = Json.text(what, object, "Secret");
    boolean isEmpty = username == null || secret == null || secret.isEmpty();
    return isEmpty ? null : new Credentials(username, secret);
  }
}
