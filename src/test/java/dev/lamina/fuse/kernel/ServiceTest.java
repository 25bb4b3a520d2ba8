package dev.lamina.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.wire.InHeader;
import dev.lamina.fuse.wire.InitIn;
import dev.lamina.fuse.wire.Opcode;
import dev.lamina.fuse.wire.OutHeader;
import dev.lamina.fuse.wire.Protocol;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Fd;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.NativeMemory;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Sandbox;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Tests that malformed messages are answered. A file replaces the device, and holds the answers.
 */
class ServiceTest {
  private static final long UNIQUE = 42;

  /** Offsets in {@code struct fuse_in_header}, which only the kernel and this test write. */
  private static final int LENGTH = 0;

  private static final int OPCODE = 4;
  private static final int UNIQUE_OFFSET = 8;

  private final Sandbox sandbox = new Sandbox();

  private final NativeMemory memory = new NativeMemory(InHeader.STRUCT_SIZE + InitIn.STRUCT_SIZE);
  private final NativeMemory answer = new NativeMemory(Service.BUFFER_SIZE);
  private DevFuse device;
  private KernelNotifier notifier;
  private Service service;

  @BeforeEach
  void start() throws Exception {
    byte[] file = sandbox.root().resolve("device").toString().getBytes(StandardCharsets.ISO_8859_1);
    int flags = OpenFlags.O_RDWR | OpenFlags.O_CREAT;
    device = new DevFuse(new Fd(Linux.openat(Linux.AT_FDCWD, file, flags, 0600)));
    notifier = new KernelNotifier(device);
    Memory.clear(memory.address(), InHeader.STRUCT_SIZE + InitIn.STRUCT_SIZE);
    long init = memory.address() + InHeader.STRUCT_SIZE;
    Memory.putInt(init, Protocol.MAJOR);
    Memory.putInt(init + Integer.BYTES, Protocol.MINOR);
    Connection connection =
        new Connection(memory.address(), InHeader.STRUCT_SIZE + InitIn.STRUCT_SIZE);
    BackingFiles backings = new BackingFiles(device, connection, notifier);
    service = new Service(new Dispatcher(uncalled(), connection, backings));
  }

  /** Returns a file system that must not be called. */
  private static FuseFileSystem uncalled() {
    return (FuseFileSystem)
        Proxy.newProxyInstance(
            FuseFileSystem.class.getClassLoader(),
            new Class<?>[] {FuseFileSystem.class},
            (proxy, method, arguments) -> {
              throw new AssertionError(method);
            });
  }

  @AfterEach
  void end() {
    service.close();
    notifier.close();
    device.close();
    memory.close();
    answer.close();
    sandbox.close();
  }

  /**
   * Serves a message.
   *
   * @param length the length that the header gives
   * @param received the length that was read
   * @return the size of all answers in bytes
   */
  private int serve(int opcode, int length, int received) {
    Memory.putInt(memory.address() + LENGTH, length);
    Memory.putInt(memory.address() + OPCODE, opcode);
    Memory.putLong(memory.address() + UNIQUE_OFFSET, UNIQUE);
    Request request = new Request(answer.address(), Service.BUFFER_SIZE - OutHeader.STRUCT_SIZE);
    service.serve(device, request, memory.address(), received);
    return Linux.pread(device.fd(), answer.address(), OutHeader.STRUCT_SIZE + 1, 0);
  }

  @Test
  void aMessageOfAnotherLengthThanItSaysIsAnsweredWithEio() {
    assertEquals(
        OutHeader.STRUCT_SIZE,
        serve(Opcode.UNLINK, InHeader.STRUCT_SIZE + 1, InHeader.STRUCT_SIZE));
    assertEquals(-Errno.EIO, OutHeader.error(answer.address()));
    assertEquals(UNIQUE, OutHeader.unique(answer.address()));
  }

  @Test
  void whatHasNoAnswerGetsNoneWhenItIsMalformed() {
    assertEquals(0, serve(Opcode.FORGET, InHeader.STRUCT_SIZE + 1, InHeader.STRUCT_SIZE));
    assertEquals(0, serve(Opcode.INTERRUPT, InHeader.STRUCT_SIZE + 1, InHeader.STRUCT_SIZE));
  }

  @Test
  void aMessageWithoutAWholeHeaderIsNotAnswered() {
    assertEquals(0, serve(Opcode.UNLINK, 8, 8));
  }
}
