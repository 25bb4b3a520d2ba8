package dev.lamina.fuse.libfuse;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/** Tests that each have a {@link MirrorMount} of their own. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
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
