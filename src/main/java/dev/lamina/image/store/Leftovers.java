package dev.lamina.image.store;

import dev.lamina.image.Messages;
import dev.lamina.image.layout.OciLayout;
import dev.lamina.sys.Log;
import java.io.IOException;

/** Removes what killed processes have left: unfinished blobs, workspaces, discarded trees. */
final class Leftovers {
  private final StorePaths paths;
  private final OciLayout layout;
  private final Discarded discarded;

  Leftovers(StorePaths paths, OciLayout layout, Discarded discarded) {
    this.paths = paths;
    this.layout = layout;
    this.discarded = discarded;
  }

  void remove() throws IOException {
    layout.removeAbandoned();
    Workspace.removeAbandoned(paths);
    discarded.removeAll();
  }

  /**
   * Removes it before something is added to the store, so that it does not pile up until somebody
   * asks for a collection. A failure is only logged, because the caller asked for something else.
   */
  void tidy() {
    try {
      remove();
    } catch (IOException e) {
      Log.warn(Leftovers.class, "cannot remove what killed commands have left: {}", Messages.of(e));
    }
  }
}
