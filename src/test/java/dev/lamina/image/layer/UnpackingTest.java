package dev.lamina.image.layer;

import dev.lamina.image.tar.RawTar;
import dev.lamina.layer.UpperFormat;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Tree;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;

/** The base of tests that unpack archives into a directory and look at it. */
abstract class UnpackingTest {
  final Sandbox sandbox = new Sandbox();
  final Path directory = sandbox.directory("layer");
  final Tree tree = new Tree(directory);

  @AfterEach
  void cleanUp() {
    sandbox.close();
  }

  final void unpack(RawTar tar) throws IOException {
    LayerUnpackerTest.unpack(tar.stream(), UpperFormat.KERNEL, directory);
  }
}
