package dev.lamina.cli.options;

import dev.lamina.image.file.HostPaths;
import dev.lamina.sys.ProcessCalls;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.Option;

/**
 * The option that chooses the store. It is accepted before the command and after it, and so all
 * commands of a command line share one object of this class (see {@link Factory}).
 */
public final class StoreRoot {
  public static final String OPTION = "--root";

  private String root;

  /**
   * Sets the directory. This is a method because picocli resets an option's field when it begins
   * with the arguments of a command, and would lose what was given before the command.
   */
  @Option(
      names = OPTION,
      paramLabel = "DIR",
      description = {
        "Directory of the store, which holds images, layers and mounts. Default: /var/lib/lamina,",
        "or for users other than root $XDG_DATA_HOME/lamina (~/.local/share/lamina)."
      })
  void set(String directory) {
    root = directory;
  }

  /** Returns the directory of the store. */
  public Path directory() {
    if (root != null) {
      return HostPaths.path(root);
    }
    if (ProcessCalls.geteuid() == 0) {
      return Path.of("/var/lib/lamina");
    }
    String data = System.getenv("XDG_DATA_HOME");
    return data == null || !data.startsWith("/")
        ? Path.of(System.getProperty("user.home"), ".local/share/lamina")
        : Path.of(data, "lamina");
  }

  /** Makes picocli's objects, of which all that have a {@link StoreRoot} get the same one. */
  public static final class Factory implements IFactory {
    private final StoreRoot root = new StoreRoot();

    @Override
    public <K> K create(Class<K> type) throws Exception {
      return type == StoreRoot.class ? type.cast(root) : CommandLine.defaultFactory().create(type);
    }
  }
}
