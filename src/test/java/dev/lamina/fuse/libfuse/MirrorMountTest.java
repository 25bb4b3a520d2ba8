package dev.lamina.fuse.libfuse;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The base of tests that each have their own {@link MirrorMount}. */
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
