package dev.lamina.union;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.fuse.DirectoryReply;
import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.MountException;
import dev.lamina.fuse.OpenReply;
import dev.lamina.fuse.RequestContext;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Memory;
import dev.lamina.testing.Sandbox;
import dev.lamina.union.data.PassthroughPolicy;
import dev.lamina.union.inode.Xino;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A union that a test drives as a transport does, without a kernel in between. */
public final class InProcess implements AutoCloseable {
  final Path root;
  public final RequestContext context = new RequestContext();
  public UnionFileSystem fileSystem;

  /** Null if the directories belong to another one. */
  private final Sandbox sandbox;

  private final List<byte[]> lower = new ArrayList<>();
  private final long descriptors;

  /** Makes one with directories of its own. */
  public InProcess(int layers, long descriptors) {
    this(new Sandbox(), layers, descriptors);
  }

  private InProcess(Sandbox sandbox, int layers, long descriptors) {
    this(sandbox.root(), sandbox, layers, descriptors);
    for (int i = 0; i < layers; i++) {
      sandbox.directory("lower" + i);
    }
    sandbox.directory("upper");
    sandbox.directory("work");
  }

  private InProcess(Path root, Sandbox sandbox, int layers, long descriptors) {
    this.root = root;
    this.sandbox = sandbox;
    this.descriptors = descriptors;
    for (int i = 0; i < layers; i++) {
      lower.add(bytes(lower(i).toString()));
    }
  }

  /** Makes one with the directories in {@code root} of another with the same number of layers. */
  static InProcess in(Path root, int layers, long descriptors) {
    return new InProcess(root, null, layers, descriptors);
  }

  public Path lower(int index) {
    return root.resolve("lower" + index);
  }

  Path upper() {
    return root.resolve("upper");
  }

  Path work() {
    return root.resolve("work");
  }

  public InProcess mount() throws MountException {
    return mount(true);
  }

  InProcess mount(boolean isVolatile) throws MountException {
    byte[] upper = bytes(upper().toString());
    byte[] work = bytes(work().toString());
    fileSystem =
        UnionSetup.open(
            new UnionConfig(
                lower, upper, work, isVolatile, PassthroughPolicy.Choice.AUTO, -1, Xino.AUTO),
            descriptors);
    return this;
  }

  void unmount() {
    if (fileSystem != null) {
      fileSystem.destroy();
      fileSystem = null;
    }
  }

  /** Looks up a name; the caller must give the lookup back. */
  public EntryReply lookup(long parent, String name) throws ErrnoException {
    EntryReply reply = new EntryReply();
    fileSystem.lookup(context, parent, bytes(name), reply);
    return reply;
  }

  /** Walks a path and gives all lookups back except the last. */
  EntryReply walk(String path) throws ErrnoException {
    long at = FuseFileSystem.ROOT;
    EntryReply reply = null;
    for (String name : path.split("/")) {
      reply = lookup(at, name);
      forget(at);
      at = reply.nodeid;
    }
    return reply;
  }

  void forget(long nodeid) {
    fileSystem.forget(nodeid, 1);
  }

  public long create(long parent, String name, String content) throws ErrnoException {
    EntryReply entry = new EntryReply();
    OpenReply open = new OpenReply();
    fileSystem.create(context, parent, bytes(name), 0644, 2, entry, open);
    write(entry.nodeid, open.handle, content);
    fileSystem.release(context, entry.nodeid, open.handle);
    return entry.nodeid;
  }

  void write(long nodeid, long handle, String content) throws ErrnoException {
    byte[] bytes = bytes(content);
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length + 1);
    buffer.put(bytes);
    fileSystem.write(context, nodeid, handle, 0, Memory.address(buffer), bytes.length);
    Reference.reachabilityFence(buffer);
  }

  String read(long nodeid, long handle) throws ErrnoException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
    int length = fileSystem.read(context, nodeid, handle, 0, Memory.address(buffer), 4096);
    byte[] bytes = new byte[length];
    buffer.get(bytes);
    return new String(bytes, ISO_8859_1);
  }

  long open(long nodeid, int flags) throws ErrnoException {
    OpenReply open = new OpenReply();
    fileSystem.open(context, nodeid, flags, open);
    return open.handle;
  }

  /** Returns the names in the order of the listing, without {@code .} and {@code ..}. */
  public List<String> list(long nodeid) throws ErrnoException {
    List<String> names = new ArrayList<>();
    OpenReply open = new OpenReply();
    fileSystem.opendir(context, nodeid, 0, open);
    DirectoryReply reply =
        (array, offset, length, ino, type, next) -> {
          String name = new String(array, offset, length, ISO_8859_1);
          return name.equals(".") || name.equals("..") || names.add(name);
        };
    fileSystem.readdir(context, nodeid, open.handle, 0, reply);
    fileSystem.releasedir(context, nodeid, open.handle);
    return names;
  }

  public static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }

  /** Returns the number of open descriptors of this process, except the one that lists them. */
  static long openDescriptors() throws IOException {
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }

  /**
   * Returns whether more descriptors are open and remain so. The virtual machine opens some for a
   * moment, which may last long if it is busy.
   */
  static boolean hasMoreDescriptors(long than) throws IOException, InterruptedException {
    for (int i = 0; i < 1_000; i++) {
      if (openDescriptors() <= than) {
        return false;
      }
      Thread.sleep(10);
    }
    return true;
  }

  @Override
  public void close() {
    unmount();
    if (sandbox != null) {
      sandbox.close();
    }
  }
}
