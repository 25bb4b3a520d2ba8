package dev.lamina.mount;

import dev.lamina.cli.Console;
import dev.lamina.cli.ExitCode;
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
 * The process behind one mount: opens everything, mounts, says that it serves, serves until it is
 * unmounted or told to end.
 *
 * <p>In the background, the launcher reads its standard output to the end: a line {@code 0} says
 * that the mount serves. After that the standard descriptors lead to /dev/null, so that whoever
 * holds the other ends does not wait for this process.
 */
public final class Daemon {
  private static final byte[] ROOT = {'/'};
  private static final byte[] DEV_NULL = "/dev/null".getBytes(StandardCharsets.ISO_8859_1);
  private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long PROBE_PAUSE_MILLIS = 2;

  /** What the probe may take, on a busy machine, to find that the mount serves. */
  private static final long PROBE_MILLIS = 500;

  private static final long LAST_REQUESTS_SECONDS = 10;
  private static final long UNMOUNT_PAUSE_MILLIS = 50;

  private final Transport transport;
  private final UnionConfig config;
  private final String source;
  private final List<String> options;
  private final boolean debug;
  private final boolean background;
  private final Runnable whenReady;
  private final CountDownLatch served = new CountDownLatch(1);

  // Guarded by this object's monitor: only one of the two comes first.
  private boolean ready;
  private boolean stopping;

  /**
   * @param source what the mount table shows as the device; null for the program's name
   */
  public Daemon(
      Transport transport,
      UnionConfig config,
      String source,
      List<String> options,
      boolean debug,
      boolean background,
      Runnable whenReady) {
    this.transport = transport;
    this.config = config;
    this.source = source == null ? "lamina" : source;
    this.options = options;
    this.debug = debug;
    this.background = background;
    this.whenReady = whenReady;
  }

  /**
   * Mounts and serves.
   *
   * @param path the mount point as the user gave it
   * @return the exit status
   * @throws MountException when it could not be mounted; then nothing is
   */
  public int run(byte[] path) throws MountException {
    ProcessCalls.umask(0);
    openProgram();
    long descriptors = ProcessCalls.raiseLimit(ProcessCalls.RLIMIT_NOFILE);
    MountPoint mountPoint = new MountPoint(path);
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
    return endOf(probe, mountPoint);
  }

  /**
   * Opens what classes come from. A class that is first needed later, perhaps by the thread that
   * must answer, would not be found where the mount lies over the program itself, or on the only
   * file system that has it.
   */
  private static void openProgram() {
    // Looked for in all of them, because none has it.
    ClassLoader.getSystemResource("META-INF/none");
  }

  /** What the unmounted daemon has to say: its launcher still waits when it never served. */
  private int endOf(Thread probe, MountPoint mountPoint) throws MountException {
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
    return ExitCode.OK;
  }

  private List<String> options(UnionFileSystem fileSystem) {
    if (fileSystem.whyReadOnly() == null) {
      return options;
    }
    Console.error(fileSystem.whyReadOnly());
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
        Console.error("the mount does not answer: " + MountPoint.text(mountPoint.path()));
        mountPoint.unmount();
        Runtime.getRuntime().halt(ExitCode.FAILED);
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
    whenReady.run();
    Log.debug(Daemon.class, "serving {}", MountPoint.text(mountPoint.path()));
    if (background) {
      Console.OUT.println(ExitCode.OK);
      if (Console.OUT.checkError()) {
        // Whoever asked for the mount has gone and will never know that it is there.
        mountPoint.unmount();
        Runtime.getRuntime().halt(ExitCode.FAILED);
      }
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

  /** Others may have found that the mount serves before the probe has. */
  private static void awaitProbe(Thread probe) {
    try {
      probe.join(PROBE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** SIGTERM, SIGINT or the end of {@link #run}. */
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
      Console.error("ended by a signal before the mount served");
    }
    try {
      // Again and again: the mount may be in the making.
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
        // A busy mount, now detached, is not waited for longer: its users get ENOTCONN.
        Log.warn(Daemon.class, "processes still used the mount");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(wasReady ? ExitCode.OK : ExitCode.FAILED);
  }
}
