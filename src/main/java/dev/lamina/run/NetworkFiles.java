package dev.lamina.run;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The files in /etc for host names, which are mounted over those of the root file system. */
final class NetworkFiles {
  private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");
  private static final String HOSTS =
      """
      127.0.0.1\tlocalhost
      ::1\tlocalhost ip6-localhost ip6-loopback
      fe00::0\tip6-localnet
      ff00::0\tip6-mcastprefix
      ff02::1\tip6-allnodes
      ff02::2\tip6-allrouters
      """;

  private NetworkFiles() {}

  /**
   * Writes the files.
   *
   * @return the files by their paths in the container
   */
  static Map<String, Path> write(RunDirectory runDirectory, String hostname) throws RunException {
    Map<String, Path> files = new LinkedHashMap<>();
    files.put("/etc/resolv.conf", runDirectory.write("resolv.conf", resolvConf()));
    byte[] hosts = (HOSTS + "127.0.1.1\t" + hostname + "\n").getBytes(US_ASCII);
    files.put("/etc/hosts", runDirectory.write("hosts", hosts));
    files.put(
        "/etc/hostname", runDirectory.write("hostname", (hostname + "\n").getBytes(US_ASCII)));
    return files;
  }

  private static byte[] resolvConf() throws RunException {
    try {
      return Files.readAllBytes(RESOLV_CONF);
    } catch (NoSuchFileException e) {
      return new byte[0];
    } catch (IOException e) {
      throw new RunException("cannot read " + RESOLV_CONF + ": " + e.getMessage(), e);
    }
  }
}
