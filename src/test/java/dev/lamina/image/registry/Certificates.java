package dev.lamina.image.registry;

import dev.lamina.testing.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes certificates with openssl: one authority in a directory, and certificates it signs. */
final class Certificates {
  private final Path directory;

  Certificates(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
    openssl(
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        path("ca.key"),
        "-out",
        path("ca.crt"),
        "-subj",
        "/CN=authority of a test",
        "-days",
        "30");
  }

  /** Returns the certificate of the authority. */
  Path authority() {
    return directory.resolve("ca.crt");
  }

  Path authorityKey() {
    return directory.resolve("ca.key");
  }

  /**
   * Makes {@code NAME.cert} and {@code NAME.key}.
   *
   * @param alternative the alternative name in openssl's form: {@code IP:127.0.0.1}
   */
  void sign(String name, String alternative) throws IOException {
    Path extension = directory.resolve(name + ".ext");
    Files.writeString(extension, "subjectAltName=" + alternative + "\n");
    openssl(
        "req",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        path(name + ".key"),
        "-out",
        path(name + ".csr"),
        "-subj",
        "/CN=" + name);
    openssl(
        "x509",
        "-req",
        "-in",
        path(name + ".csr"),
        "-CA",
        path("ca.crt"),
        "-CAkey",
        path("ca.key"),
        "-CAcreateserial",
        "-out",
        path(name + ".cert"),
        "-days",
        "30",
        "-extfile",
        extension.toString());
  }

  String path(String name) {
    return directory.resolve(name).toString();
  }

  private static void openssl(String... arguments) {
    String[] command = new String[arguments.length + 1];
    command[0] = "openssl";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    Commands.run(command).succeed();
  }
}
