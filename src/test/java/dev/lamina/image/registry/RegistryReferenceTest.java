package dev.lamina.image.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lamina.image.ImageException;
import org.junit.jupiter.api.Test;

class RegistryReferenceTest {
  @Test
  void theTransportsNameMayStandBefore() throws ImageException {
    String digest = "sha256:" + "a".repeat(64);
    String full = "example.com:5000/a/b:tag@" + digest;
    assertEquals(full, RegistryReference.parse("docker://" + full).toString());
    assertEquals(
        "docker.io/library/debian:latest", RegistryReference.parse("docker://debian").toString());
    assertEquals("docker.io/a/b:c", RegistryReference.parse("a/b:c").toString());
    assertThrows(ImageException.class, () -> RegistryReference.parse("docker://"));
    assertThrows(ImageException.class, () -> RegistryReference.parse("docker://http://a.b/c"));
  }

  @Test
  void theHubsApiIsElsewhere() {
    assertEquals("registry-1.docker.io", RegistryReference.host("docker.io"));
    assertEquals("example.com:5000", RegistryReference.host("example.com:5000"));
  }
}
