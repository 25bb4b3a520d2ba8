package dev.lamina.image;

/** Is told how contents come in or go out; by several threads at once. */
public interface Progress {
  /** For those who do not want to know. */
  Progress NONE =
      new Progress() {
        @Override
        public void started(Descriptor contents) {}

        @Override
        public void advanced(Descriptor contents, long bytes) {}

        @Override
        public void finished(Descriptor contents, boolean wasThere) {}
      };

  void started(Descriptor contents);

  /**
   * @param bytes since the last time
   */
  void advanced(Descriptor contents, long bytes);

  /**
   * @param wasThere when nothing had to be moved
   */
  void finished(Descriptor contents, boolean wasThere);
}
