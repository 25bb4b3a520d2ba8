package dev.lamina.mount;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.cli.PullCommand;
import dev.lamina.cli.TransferDisplay;
import dev.lamina.cli.options.PlatformOption;
import dev.lamina.cli.options.RegistryArguments;
import dev.lamina.cli.options.UnpackArguments;
import dev.lamina.cli.options.UsageException;
import dev.lamina.fuse.MountException;
import dev.lamina.image.ImageException;
import dev.lamina.image.Platform;
import dev.lamina.image.Progress;
import dev.lamina.image.file.HostPaths;
import dev.lamina.image.layer.UnpackLimits;
import dev.lamina.image.store.MountHold;
import dev.lamina.image.store.MountRecord;
import dev.lamina.image.store.Store;
import dev.lamina.image.store.StoredImage;
import dev.lamina.image.transfer.ImagePull;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What {@code lamina mount} does, and has options for, when it is given an image. */
public final class ImageMount {
  public static final String MUST_BE_NEW = "--new";

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = {
        "Of the mount; otherwise that of the directory. What is changed is kept under it, also",
        "when it is unmounted, until \"lamina rm\"; mounted again by this name, it is there again."
      })
  private String name;

  @Option(
      names = "--upper",
      paramLabel = "DIR",
      description = "Where changes go, instead of into the store.")
  private String upper;

  @Option(
      names = "--work",
      paramLabel = "DIR",
      description =
          "Scratch space on the same file system as --upper; otherwise beside it, DIR.work.")
  private String work;

  @Option(names = "--read-only", description = "Nothing can be changed.")
  private boolean readOnly;

  /** Given by "run": the mount goes with it, and so must not have been there before. */
  @Option(names = MUST_BE_NEW, hidden = true)
  private boolean mustBeNew;

  @Mixin private PlatformOption platform;
  @Mixin private UnpackArguments unpacking;
  @Mixin private RegistryArguments registry;

  /** Mounts and serves, once it is known which layers. */
  public interface Service {
    int serve(MountOptions options, String mountPoint, Runnable whenReady)
        throws UsageException, MountException;
  }

  /** What was prepared: held until it is not served any more. */
  private record Prepared(MountHold hold, List<Path> trees, boolean isNew) {}

  /**
   * @throws UsageException when there are options for images and no image
   */
  public void refuse() throws UsageException {
    if (name != null || upper != null || work != null || readOnly) {
      throw new UsageException(
          "--name, --upper, --work and --read-only are for images: lamina mount IMAGE MOUNTPOINT");
    }
  }

  /**
   * Brings the image into the store unless it is there, makes or takes up the mount, and serves it.
   *
   * @return the exit status
   */
  public int serve(
      Path storeRoot, String image, String mountPoint, MountOptions options, Service service)
      throws UsageException, MountException, IOException {
    boolean isReadOnly = readOnly || options.isReadOnly();
    if (isReadOnly && upper != null) {
      throw new UsageException("nothing is written to --upper on a read-only mount");
    }
    if (work != null && upper == null) {
      throw new UsageException("--work is given without --upper");
    }
    Prepared prepared = prepare(storeRoot, image, mountPoint, isReadOnly);
    MountRecord mount = prepared.hold.mount();
    boolean served = false;
    try {
      byte[] upperPath = mount.isReadOnly() ? null : HostPaths.bytes(mount.upper());
      byte[] workPath = mount.isReadOnly() ? null : HostPaths.bytes(mount.work());
      List<byte[]> lower = prepared.trees.stream().map(HostPaths::bytes).toList();
      options.setLayers(lower, upperPath, workPath);
      int status = service.serve(options, mountPoint, prepared.hold::serves);
      served = true;
      return status;
    } finally {
      prepared.hold.close();
      if ((mount.isReadOnly() || !served && prepared.isNew) && Files.isDirectory(storeRoot)) {
        // There is nothing in it that could be used again.
        try (Store store = Store.open(storeRoot, UnpackLimits.DEFAULT, Progress.NONE)) {
          store.removeMount(mount);
        }
      }
    }
  }

  private Prepared prepare(Path storeRoot, String image, String mountPoint, boolean isReadOnly)
      throws UsageException, MountException, IOException {
    // What could not be mounted there need not be brought in.
    Path place =
        HostPaths.path(
            new String(new MountPoint(mountPoint.getBytes(ISO_8859_1)).path(), ISO_8859_1));
    try (TransferDisplay display = new TransferDisplay();
        Store store = Store.open(storeRoot, unpacking.limits(), display)) {
      MountRecord kept = name == null || mustBeNew ? null : store.findMount(name);
      boolean isKept = kept != null && kept.name().equals(name);
      // Its image may have lost the name that the mount was made by.
      StoredImage found =
          isKept && kept.image().equals(image)
              ? store.image(kept)
              : findOrBring(store, storeRoot, image);
      Platform given = platform.given();
      if (isKept && given != null && found.config().platform().suits(given) < 0) {
        throw new ImageException(
            "there is a mount " + name + " already, for " + found.config().platform());
      }
      if (isKept) {
        if (!kept.manifest().equals(found.descriptor().digest()) || kept.isReadOnly()) {
          throw new ImageException(
              "there is a mount " + name + " already, of another image (" + kept.image() + ")");
        }
        if (isReadOnly || upper != null && !kept.upper().equals(HostPaths.path(upper))) {
          throw new ImageException(
              "there is a mount "
                  + name
                  + " already, whose changes are in "
                  + kept.upper()
                  + ": choose another name");
        }
        return new Prepared(store.resume(kept, place), store.trees(kept), false);
      }
      Path upperPath = upper == null ? null : HostPaths.path(upper);
      Path workPath = work == null ? null : HostPaths.path(work);
      if (upperPath != null) {
        Files.createDirectories(upperPath);
        // Beside what the upper really is, however it was written, and so on its file system.
        workPath =
            workPath == null
                ? HostPaths.path(HostPaths.text(upperPath.toRealPath()) + ".work")
                : workPath;
        Files.createDirectories(workPath);
      }
      MountHold hold = store.mount(found, name, place, upperPath, workPath, isReadOnly);
      return new Prepared(hold, store.trees(hold.mount()), true);
    }
  }

  /**
   * The image, brought in by a process of its own if need be: that one's Java is for much work,
   * this one's for being small and lasting.
   */
  private StoredImage findOrBring(Store store, Path storeRoot, String image)
      throws UsageException, IOException {
    StoredImage known = new ImagePull(store, registry.options(), platform.given()).find(image);
    return known != null ? known : store.image(bring(storeRoot, image));
  }

  /** Brings an image in; the digest of its manifest. */
  private String bring(Path storeRoot, String image) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("pull"));
    if (platform.given() != null) {
      arguments.add("--platform=" + platform.given());
    }
    arguments.addAll(registry.asArguments());
    arguments.addAll(unpacking.asArguments());
    arguments.addAll(List.of(PullCommand.TO_USE, "--", image));
    AtomicReference<Process> started = new AtomicReference<>();
    Thread end =
        new Thread(
            () -> {
              if (started.get() != null) {
                started.get().destroy();
              }
            });
    Runtime.getRuntime().addShutdownHook(end);
    Process process = Launcher.start(storeRoot, arguments, Redirect.INHERIT);
    started.set(process);
    try {
      String id = new String(process.getInputStream().readAllBytes(), ISO_8859_1).strip();
      if (process.waitFor() != 0) {
        throw new ImageException("the image could not be brought in");
      }
      Runtime.getRuntime().removeShutdownHook(end);
      return id;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }
}
