package dev.lamina.fuse.libfuse;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tests that each have a {@link MirrorMount} of their own. */
abstract class MirrorMountTest {
  MirrorMount mount;

  @BeforeEach
  void mount() {
    mount = new MirrorMount();
  }

  @AfterEach
  void unmount() {
    mount.close();
  }
}
