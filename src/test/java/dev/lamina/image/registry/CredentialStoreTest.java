package dev.lamina.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.ImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialStoreTest {
  @TempDir Path directory;

  private Map<String, String> environment() {
    return Map.of(
        "HOME",
        directory.resolve("home").toString(),
        "XDG_RUNTIME_DIR",
        directory.resolve("run").toString(),
        "PATH",
        directory.resolve("bin") + ":/usr/bin:/bin");
  }

  private Credentials find(String registry, String repository) throws IOException {
    return new CredentialStore(RegistryOptions.DEFAULT.withEnvironment(environment()))
        .find(registry, repository);
  }

  private void write(String file, String text) throws IOException {
    Path path = directory.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text.replace('\'', '"'));
  }

  private static String auth(String username, String password) {
    byte[] text = (username + ":" + password).getBytes(UTF_8);
    return "{'auth':'" + Base64.getEncoder().encodeToString(text) + "'}";
  }

  private void helper(String name, String script) throws IOException {
    write("bin/docker-credential-" + name, "");
    Path program = directory.resolve("bin/docker-credential-" + name);
    Files.writeString(program, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void theLongestKeyCounts() throws IOException {
    write(
        "run/containers/auth.json",
        "{'auths':{'example.com':"
            + auth("all", "p:q")
            + ",'example.com/a':"
            + auth("some", "2")
            + ",'example.com/a/b':"
            + auth("one", "3")
            + "}}");
    assertEquals(new Credentials("one", "3"), find("example.com", "a/b"));
    assertEquals(new Credentials("one", "3"), find("example.com", "a/b/c"));
    assertEquals(new Credentials("some", "2"), find("example.com", "a/bc"));
    assertEquals(new Credentials("all", "p:q"), find("example.com", "ab"));
    assertNull(find("example.com:5000", "a/b"));
    assertNull(find("notexample.com", "a/b"));
  }

  @Test
  void filesAreReadInPodmansOrder() throws IOException {
    write("home/.docker/config.json", "{'auths':{'a.example':" + auth("docker", "1") + "}}");
    assertEquals("docker", find("a.example", "x").username());
    write(
        "home/.config/containers/auth.json", "{'auths':{'a.example':" + auth("config", "1") + "}}");
    assertEquals("config", find("a.example", "x").username());
    write("run/containers/auth.json", "{'auths':{'a.example':" + auth("run", "1") + "}}");
    assertEquals("run", find("a.example", "x").username());
    // A file without an entry, or a broken one, is passed over for the next.
    write("run/containers/auth.json", "{'auths':{'b.example':" + auth("run", "1") + "}}");
    assertEquals("config", find("a.example", "x").username());
    write("run/containers/auth.json", "{");
    assertEquals("config", find("a.example", "x").username());
    write("run/containers/auth.json", "");
    assertEquals("config", find("a.example", "x").username());
  }

  @Test
  void keysOfOldVersionsOfDockerAreUnderstood() throws IOException {
    write(
        "home/.docker/config.json",
        "{'auths':{'https://index.docker.io/v1/':"
            + auth("hub", "1")
            + ",'https://old.example.com/v1/':"
            + auth("old", "2")
            + ",'http://plain.example.com':"
            + auth("plain", "3")
            + "}}");
    assertEquals("hub", find("docker.io", "library/debian").username());
    assertEquals("old", find("old.example.com", "a").username());
    assertEquals("plain", find("plain.example.com", "a/b").username());
  }

  @Test
  void identityTokensAreFound() throws IOException {
    write(
        "home/.docker/config.json",
        "{'auths':{'a.example':{'auth':'eDp5','identitytoken':'it'},"
            + "'b.example':{'username':'u','password':'p'}}}");
    Credentials credentials = find("a.example", "x");
    assertTrue(credentials.isIdentityToken());
    assertEquals("it", credentials.secret());
    assertEquals(new Credentials("u", "p"), find("b.example", "x"));
  }

  @Test
  void helpersAreAsked() throws IOException {
    helper(
        "test",
        "[ \"$1\" = get ] || exit 3\n"
            + "read -r server\n"
            + "case $server in\n"
            + "a.example) echo '{\"ServerURL\":\"x\",\"Username\":\"u\",\"Secret\":\"s\"}';;\n"
            + "https://index.docker.io/v1/) echo '{\"Username\":\"hub\",\"Secret\":\"s\"}';;\n"
            + "*) echo credentials not found in native keychain; exit 1;;\n"
            + "esac\n");
    write(
        "home/.docker/config.json",
        "{'credHelpers':{'a.example':'test','c.example':'test'},'auths':{'a.example':"
            + auth("file", "1")
            + ",'c.example':"
            + auth("file", "1")
            + "}}");
    assertEquals(new Credentials("u", "s"), find("a.example", "x/y"));
    assertEquals("file", find("c.example", "x/y").username());
    assertNull(find("docker.io", "library/x"));
    write(
        "home/.docker/config.json",
        "{'credsStore':'test','auths':{'https://index.docker.io/v1/':{},'c.example':"
            + auth("file", "1")
            + "}}");
    assertEquals("hub", find("docker.io", "library/x").username());
    assertEquals("u", find("a.example", "x").username());
    assertEquals("file", find("c.example", "x").username());
    assertNull(find("d.example", "x"));
  }

  @Test
  void aHelperThatFailsIsNoHelp() throws IOException {
    helper("broken", "echo it is locked; exit 1");
    helper("garbage", "echo '{\"Secret\":'");
    helper("quiet", "exit 0");
    for (String name : new String[] {"broken", "garbage", "quiet", "missing", "../x", ""}) {
      write("home/.docker/config.json", "{'credHelpers':{'a.example':'" + name + "'}}");
      assertNull(find("a.example", "x"), name);
      ImageException e = assertThrows(ImageException.class, () -> findNamed("a.example"));
      assertTrue(e.getMessage().contains("docker-credential-" + name), e.getMessage());
    }
  }

  private Credentials findNamed(String registry) throws IOException {
    Path file = directory.resolve("home/.docker/config.json");
    return new CredentialStore(
            RegistryOptions.DEFAULT.withEnvironment(environment()).withAuthFile(file))
        .find(registry, "x");
  }

  @Test
  void aHelperThatHangsIsEnded() throws IOException {
    helper("slow", "sleep 60");
    CredentialHelper slow = new CredentialHelper("slow", environment(), Duration.ofMillis(300));
    ImageException e = assertThrows(ImageException.class, () -> slow.get("a.example"));
    assertTrue(e.getMessage().contains("does not end"), e.getMessage());
  }

  @Test
  void whatIsNoPasswordIsAnError() throws IOException {
    for (String entry : new String[] {"{'auth':'%%%'}", "{'auth':'eA=='}", "{'auth':1}"}) {
      write("home/.docker/config.json", "{'auths':{'a.example':" + entry + "}}");
      assertThrows(ImageException.class, () -> findNamed("a.example"), entry);
      assertNull(find("a.example", "x"), entry);
    }
  }
}
