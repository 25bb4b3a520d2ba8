package dev.lamina.mount;

import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.MountException;
import dev.lamina.fuse.MountRequest;
import dev.lamina.fuse.Transport;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Log;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.ProcessCalls;
import dev.lamina.union.UnionConfig;
import dev.lamina.union.UnionFileSystem;
import dev.lamina.union.UnionSetup;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The process behind one mount: it opens the layers, mounts, reports that it serves, and serves
 * until it is unmounted or told to end.
 *
 * <p>In the background, the standard descriptors lead to /dev/null once the listener knows that the
 * mount serves, so that whoever holds their other ends does not wait for this process.
 */
public final class Daemon {
  private static final byte[] ROOT = {'/'};
  private static final byte[] DEV_NULL = "/dev/null".getBytes(StandardCharsets.ISO_8859_1);
  private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long PROBE_PAUSE_MILLIS = 2;

  /** How long the probe may take, on a busy machine, to find that the mount serves. */
  private static final long PROBE_MILLIS = 500;

  private static final long LAST_REQUESTS_SECONDS = 10;
  private static final long UNMOUNT_PAUSE_MILLIS = 50;

  private final Transport transport;
  private final UnionConfig config;
  private final String source;
  private final List<String> options;
  private final boolean debug;
  private final boolean background;
  private final DaemonListener listener;
  private final CountDownLatch served = new CountDownLatch(1);

  // Guarded by this object's monitor: only one of the two comes first.
  private boolean ready;
  private boolean stopping;

  /**
   * @param source what the mount table shows as the device; null for the program's name
   * @param debug whether every operation is logged
   * @param background whether the process leaves its session and its standard streams
   */
  public Daemon(
      Transport transport,
      UnionConfig config,
      String source,
      List<String> options,
      boolean debug,
      boolean background,
      DaemonListener listener) {
    this.transport = transport;
    this.config = config;
    this.source = source == null ? "lamina" : source;
    this.options = options;
    this.debug = debug;
    this.background = background;
    this.listener = listener;
  }

  /**
   * Mounts and serves, until the directory is unmounted.
   *
   * @param mountPoint is checked here, also when it was before: that may have been long ago
   * @throws MountException when it could not be mounted; then nothing is
   */
  public void run(MountPoint mountPoint) throws MountException {
    ProcessCalls.umask(0);
    openProgram();
    long descriptors = ProcessCalls.raiseLimit(ProcessCalls.RLIMIT_NOFILE);
    mountPoint.check();
    UnionFileSystem fileSystem = UnionSetup.open(config, descriptors > 0 ? descriptors : 1024);
    // The daemon must never work in its own mount, nor keep another one busy.
    int result = ProcessCalls.chdir(ROOT);
    if (result < 0) {
      throw new MountException("cannot change to /: " + Errno.message(-result));
    }
    if (background) {
      // Fails only for a process that leads a session already, which is what is wanted.
      ProcessCalls.setsid();
    }
    Thread probe = new Thread(() -> waitUntilServed(mountPoint), "probe");
    probe.setDaemon(true);
    Thread hook = new Thread(() -> endOnSignal(mountPoint, probe), "signal");
    Runtime.getRuntime().addShutdownHook(hook);
    probe.start();
    try {
      FuseFileSystem served = debug ? Tracing.of(fileSystem) : fileSystem;
      transport.serve(served, new MountRequest(mountPoint.path(), source, options(fileSystem)));
    } finally {
      served.countDown();
    }
    checkEnd(probe, mountPoint);
  }

  /**
   * Opens all files that classes are loaded from. A class that is first needed later, perhaps by
   * the thread that must answer, could not be loaded where the mount lies over the program itself,
   * or over the only file system that has it.
   */
  private static void openProgram() {
    // No file has this resource, so that all of them are searched.
    ClassLoader.getSystemResource("META-INF/none");
  }

  /** Fails when the mount has never served, for which the launcher still waits. */
  private void checkEnd(Thread probe, MountPoint mountPoint) throws MountException {
    try {
      probe.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      if (background && !ready && !stopping) {
        throw new MountException(
            MountPoint.text(mountPoint.path()) + " was unmounted before the mount served");
      }
    }
  }

  private List<String> options(UnionFileSystem fileSystem) {
    if (fileSystem.whyReadOnly() == null) {
      return options;
    }
    listener.warning(fileSystem.whyReadOnly());
    List<String> all = new ArrayList<>(options);
    all.add("ro");
    return all;
  }

  private void waitUntilServed(MountPoint mountPoint) {
    long deadline = System.nanoTime() + PROBE_NANOS;
    while (!mountPoint.serves()) {
      if (served.getCount() == 0) {
        return;
      }
      if (System.nanoTime() > deadline) {
        listener.failed("the mount does not answer: " + MountPoint.text(mountPoint.path()));
        mountPoint.unmount();
        listener.end(false);
      }
      try {
        Thread.sleep(PROBE_PAUSE_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
    synchronized (this) {
      if (stopping) {
        return;
      }
      ready = true;
    }
    Log.debug(Daemon.class, "serving {}", MountPoint.text(mountPoint.path()));
    if (!listener.serving()) {
      mountPoint.unmount();
      listener.end(false);
    }
    if (background) {
      leaveStandardStreams();
    }
  }

  private static void leaveStandardStreams() {
    int fd = Linux.openat(Linux.AT_FDCWD, DEV_NULL, OpenFlags.O_RDWR, 0);
    if (fd < 0) {
      // Without /dev/null they are closed; nothing of the daemon's uses them any more.
      for (int i = 0; i <= 2; i++) {
        Linux.close(i);
      }
      return;
    }
    for (int i = 0; i <= 2; i++) {
      Linux.dup3(fd, i, 0);
    }
    Linux.close(fd);
  }

  /** Waits for the probe: others may have found that the mount serves before it has. */
  private static void awaitProbe(Thread probe) {
    try {
      probe.join(PROBE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Unmounts on SIGTERM and SIGINT; does nothing after the end of {@link #run}. */
  private void endOnSignal(MountPoint mountPoint, Thread probe) {
    if (served.getCount() == 0) {
      return;
    }
    boolean wasReady;
    awaitProbe(probe);
    synchronized (this) {
      stopping = true;
      wasReady = ready;
    }
    if (!wasReady) {
      listener.failed("ended by a signal before the mount served");
    }
    try {
      // More than once, because the mount may just be being made.
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LAST_REQUESTS_SECONDS);
      boolean ended = false;
      while (!ended && System.nanoTime() < deadline) {
        int result = mountPoint.unmount();
        if (result < 0) {
          Log.warn(Daemon.class, "cannot unmount: {}", Errno.message(-result));
        }
        ended = served.await(UNMOUNT_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
      }
      if (!ended) {
        // The mount is busy and now detached; those who use it get ENOTCONN.
        Log.warn(Daemon.class, "processes still used the mount");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    listener.end(wasReady);
  }
}
