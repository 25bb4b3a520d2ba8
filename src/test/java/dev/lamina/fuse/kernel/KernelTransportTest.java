package dev.lamina.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.MountRequest;
import dev.lamina.fuse.ServiceThreads;
import dev.lamina.testing.Sandbox;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests which methods of a file system are called when a mount fails. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KernelTransportTest {
  private final Sandbox sandbox = new Sandbox();

  private final IllegalStateException failure = new IllegalStateException("no start");
  private final List<String> calls = new ArrayList<>();

  /** Returns a file system that fails to start. */
  private FuseFileSystem failing() {
    return (FuseFileSystem)
        Proxy.newProxyInstance(
            FuseFileSystem.class.getClassLoader(),
            new Class<?>[] {FuseFileSystem.class},
            (proxy, method, arguments) -> {
              calls.add(method.getName());
              return switch (method.getName()) {
                case "init" -> throw failure;
                case "backingDepth" -> 0;
                default -> null;
              };
            });
  }

  @AfterEach
  void end() {
    sandbox.close();
  }

  @Test
  void aFileSystemThatFailsToStartIsDestroyedAndUnmounted() {
    Path directory = sandbox.directory("mnt");
    byte[] mountPoint = directory.toString().getBytes(StandardCharsets.ISO_8859_1);
    MountRequest request = new MountRequest(mountPoint, "failing", List.of());
    KernelTransport transport =
        new KernelTransport(ServiceThreads.DEFAULT_MOST, RingChoice.IF_OFFERED, true);
    FuseFileSystem fileSystem = failing();
    assertSame(
        failure,
        assertThrows(IllegalStateException.class, () -> transport.serve(fileSystem, request)));
    assertEquals(List.of("backingDepth", "init", "destroy"), calls);
    assertEquals(List.of(), Sandbox.mountsBelow(directory));
  }
}
