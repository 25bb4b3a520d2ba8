package dev.lamina.fuse.kernel;

import dev.lamina.fuse.Capabilities;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.Fusermount;
import dev.lamina.fuse.MountException;
import dev.lamina.fuse.MountRequest;
import dev.lamina.fuse.Transport;
import dev.lamina.fuse.wire.InHeader;
import dev.lamina.fuse.wire.InitIn;
import dev.lamina.fuse.wire.InitOut;
import dev.lamina.fuse.wire.Opcode;
import dev.lamina.fuse.wire.OutHeader;
import dev.lamina.fuse.wire.Protocol;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Log;
import dev.lamina.sys.NativeMemory;

/**
 * The transport that uses the kernel's protocol directly. It needs /dev/fuse, and either the
 * privilege to mount or fusermount3.
 */
public final class KernelTransport implements Transport {
  /** The size of the buffer for INIT in bytes; the kernel requires room for the largest request. */
  private static final int INIT_BUFFER = Connection.MAX_DATA + Protocol.MIN_READ_BUFFER;

  private final int maxWorkers;
  private final RingChoice ringChoice;
  private final boolean wantsAcls;

  /**
   * @param maxWorkers the number of requests served concurrently; not too few, since each may be a
   *     copy-up of gigabytes
   * @param ringChoice whether requests go through io_uring
   * @param wantsAcls whether the kernel is to check access control lists; otherwise the mount has
   *     none
   */
  public KernelTransport(int maxWorkers, RingChoice ringChoice, boolean wantsAcls) {
    this.maxWorkers = maxWorkers;
    this.ringChoice = ringChoice;
    this.wantsAcls = wantsAcls;
  }

  /**
   * {@inheritDoc}
   *
   * <p>{@link FuseFileSystem#destroy} is called if and only if {@link FuseFileSystem#init} has been
   * called, even if that failed.
   */
  @Override
  public void serve(FuseFileSystem fileSystem, MountRequest request) throws MountException {
    try (DevFuse device = KernelMount.mount(request)) {
      Agreement agreement;
      try (KernelNotifier notifier = new KernelNotifier(device)) {
        try {
          agreement = connect(device, fileSystem, notifier);
        } catch (MountException | RuntimeException | Error e) {
          Fusermount.unmount(request.mountPoint(), true);
          throw e;
        }
        if (agreement == null) {
          // The file system was unmounted before the first request.
          return;
        }
        try {
          ReadAhead.raise(request.mountPoint());
          BackingFiles backings = new BackingFiles(device, agreement.connection, notifier);
          Dispatcher dispatcher = new Dispatcher(fileSystem, agreement.connection, backings);
          new Session(dispatcher, device, request.mountPoint(), maxWorkers, agreement.rings)
              .serve();
        } finally {
          if (agreement.rings != null) {
            agreement.rings.cancel();
          }
          fileSystem.destroy();
        }
      }
    }
  }

  /** The result of INIT; {@code rings} is null if requests come through the device only. */
  private record Agreement(Connection connection, Rings rings) {}

  /** Returns everything that the protocol has, and passthrough if the kernel has it. */
  private static Capabilities capabilities(Connection connection) {
    return new Capabilities(true, true, true, true, connection.hasPassthrough(), true);
  }

  /**
   * Receives INIT, the kernel's first request, and answers it.
   *
   * @return null when the file system has been unmounted
   */
  private Agreement connect(DevFuse device, FuseFileSystem fileSystem, KernelNotifier notifier)
      throws MountException {
    try (NativeMemory memory = new NativeMemory(INIT_BUFFER)) {
      long message = memory.address();
      int received = device.receive(message, INIT_BUFFER);
      if (received == -Errno.ENODEV) {
        return null;
      }
      if (received < 0) {
        throw new MountException("cannot read from /dev/fuse: " + Errno.message(-received));
      }
      if (received < InHeader.STRUCT_SIZE + InitIn.OLD_SIZE
          || InHeader.opcode(message) != Opcode.INIT) {
        throw new MountException("the kernel's first request on /dev/fuse is not FUSE_INIT");
      }
      Connection connection = new Connection(message, received);
      connection.passThrough(fileSystem.backingDepth());
      if (!wantsAcls) {
        connection.leaveAcls();
      }
      return start(device, fileSystem, notifier, connection, InHeader.unique(message));
    }
  }

  /**
   * Starts the file system and answers INIT. When that fails, or the file system has been
   * unmounted, it is destroyed again.
   *
   * @param unique of the INIT request
   * @return null when the file system has been unmounted
   */
  private Agreement start(
      DevFuse device,
      FuseFileSystem fileSystem,
      KernelNotifier notifier,
      Connection connection,
      long unique)
      throws MountException {
    Rings rings = null;
    boolean isAgreed = false;
    try {
      fileSystem.init(capabilities(connection), notifier);
      rings = prepareRings(device, connection);
      isAgreed = answer(device, connection, unique);
      return isAgreed ? new Agreement(connection, rings) : null;
    } finally {
      if (!isAgreed) {
        if (rings != null) {
          rings.cancel();
        }
        fileSystem.destroy();
      }
    }
  }

  /** Makes the rings where they are wanted and the kernel offers them; returns null for none. */
  private Rings prepareRings(DevFuse device, Connection connection) throws MountException {
    boolean mayHaveRings = ringChoice != RingChoice.NEVER && connection.offersRings();
    Rings rings = mayHaveRings ? Rings.prepare(device) : null;
    if (rings != null) {
      connection.useRings();
    } else if (ringChoice == RingChoice.REQUIRED) {
      throw new MountException(
          "io_uring=on: the kernel does not let requests go through io_uring;"
              + " use io_uring=auto to mount without it");
    }
    return rings;
  }

  /** Answers INIT; returns false when the file system has been unmounted. */
  private static boolean answer(DevFuse device, Connection connection, long unique)
      throws MountException {
    Log.debug(KernelTransport.class, "{}", connection);
    try (NativeMemory memory = new NativeMemory(OutHeader.STRUCT_SIZE + InitOut.STRUCT_SIZE)) {
      long answer = memory.address();
      int size = OutHeader.STRUCT_SIZE + connection.answer(answer + OutHeader.STRUCT_SIZE);
      OutHeader.write(answer, size, 0, unique);
      int sent = device.send(answer, size);
      if (sent < 0 && sent != -Errno.ENODEV && sent != -Errno.ENOENT) {
        throw new MountException(
            "the kernel refused the answer to FUSE_INIT: " + Errno.message(-sent));
      }
      return sent >= 0;
    }
  }
}
