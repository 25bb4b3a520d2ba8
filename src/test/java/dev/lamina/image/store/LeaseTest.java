package dev.lamina.image.store;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.file.HostFiles;
import dev.lamina.testing.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every digest that a process leases is seen by a collection, whatever was written before it. */
class LeaseTest {
  private static final Digest FIRST = Digest.of(new byte[] {1});
  private static final Digest SECOND = Digest.of(new byte[] {2});

  private Sandbox sandbox;
  private StorePaths paths;
  private Lease lease;

  @BeforeEach
  void makeLease() throws IOException {
    sandbox = new Sandbox();
    paths = new StorePaths(sandbox.root());
    lease = new Lease(paths);
    lease.add(List.of(FIRST));
  }

  @AfterEach
  void cleanUp() {
    lease.close();
    sandbox.close();
  }

  private void append(String text) throws IOException {
    Path file = HostFiles.list(paths.leases()).get(0);
    Files.write(file, text.getBytes(ISO_8859_1), StandardOpenOption.APPEND);
  }

  private Set<Digest> held() throws IOException {
    return Lease.held(paths, new Lease(paths));
  }

  /** As a write leaves it that ended with ENOSPC. */
  @Test
  void halfALineDoesNotSpoilTheNextOne() throws IOException {
    append(SECOND.toString().substring(0, 20));
    assertEquals(Set.of(FIRST), held());
    lease.add(List.of(SECOND));
    assertEquals(Set.of(FIRST, SECOND), held());
  }

  @Test
  void damagedLeaseIsAnError() throws IOException {
    append(SECOND.toString().substring(0, 20) + "\n" + SECOND + "\n");
    assertThrows(ImageException.class, this::held);
  }
}
