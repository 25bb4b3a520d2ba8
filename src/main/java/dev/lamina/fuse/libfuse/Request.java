package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.AttrReply;
import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.OpenReply;
import dev.lamina.fuse.RequestContext;
import dev.lamina.fuse.SetattrRequest;
import dev.lamina.fuse.wire.BatchForgetIn;
import dev.lamina.fuse.wire.ForgetOne;
import dev.lamina.fuse.wire.InHeader;
import dev.lamina.fuse.wire.LinkIn;
import dev.lamina.fuse.wire.Opcode;
import dev.lamina.fuse.wire.RenameIn;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.FileSystemStat;
import dev.lamina.sys.Memory;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import ru.serce.jnrfuse.LibFuse;
import ru.serce.jnrfuse.struct.FuseContext;

/**
 * The request that a thread handles, and objects that are reused for all its requests.
 *
 * <p>libfuse turns one request into several operations, and the meaning of some depends on the
 * request. So the opcode is read from the kernel's message.
 */
final class Request {
  private static final FuseContext CONTEXT = new FuseContext(Runtime.getSystemRuntime());
  private static final long UID = CONTEXT.uid.offset();
  private static final long GID = CONTEXT.gid.offset();
  private static final long PID = CONTEXT.pid.offset();
  private static final long UMASK = CONTEXT.umask.offset();

  private static final ThreadLocal<Request> CURRENT = new ThreadLocal<>();

  final RequestContext context = new RequestContext();
  final EntryReply entry = new EntryReply();
  final AttrReply attributes = new AttrReply();
  final SetattrRequest changes = new SetattrRequest();
  final OpenReply open = new OpenReply();
  final FileSystemStat statistics = new FileSystemStat();
  final DirectoryFiller filler = new DirectoryFiller();
  final PathWalker walker;

  /** The walker for the second path of operations that take two. */
  final PathWalker secondWalker;

  /** The open file that a RENAME replaces. */
  Orphans.Orphan displaced;

  /** How long the kernel may cache the name in the answer, which may not exist, in seconds. */
  long entryValidSeconds;

  /** How long the kernel may cache the attributes in the answer, in seconds. */
  long attrValidSeconds;

  private final long message;
  private final long fuseContext;
  private int opcode;

  // The operation that libfuse has called, with its arguments.
  private Operation.Five operation;
  private long a;
  private long b;
  private long c;
  private long d;
  private long e;

  /**
   * @param message the address of the memory that receives the thread's requests
   */
  Request(
      LibFuse library,
      FuseFileSystem fileSystem,
      DirectoryCache directories,
      Orphans orphans,
      long message) {
    this.message = message;
    walker = new PathWalker(fileSystem, directories, orphans, context);
    secondWalker = new PathWalker(fileSystem, directories, orphans, context);
    // libfuse has one context for each thread, whose address does not change during the thread's
    // life.
    fuseContext = Struct.getMemory(library.fuse_get_context()).address();
  }

  /** Returns the request of the calling thread. */
  static Request current() {
    return CURRENT.get();
  }

  /** Makes this the request of the calling thread. */
  void use() {
    CURRENT.set(this);
  }

  /** Called when a request has arrived. */
  void begin() {
    opcode = InHeader.opcode(message);
    displaced = null;
    entryValidSeconds = 0;
    attrValidSeconds = 0;
  }

  /** Called when operations that follow belong to no request. */
  void none() {
    opcode = 0;
  }

  int opcode() {
    return opcode;
  }

  /** Returns libfuse's number of the node that the request is about. */
  long libfuseNode() {
    return InHeader.nodeid(message);
  }

  /**
   * Returns true if the request is about libfuse's node of this number, which is truncated to 32
   * bits.
   */
  boolean isAbout(long node) {
    long about = opcode == Opcode.LINK ? linkedNode() : libfuseNode();
    return (about & 0xffffffffL) == node;
  }

  /**
   * Returns true if the request may change the one file that it is about in a way that the kernel
   * learns only by a notification.
   */
  boolean isAboutOneFile() {
    return opcode == Opcode.OPEN || opcode == Opcode.SETATTR;
  }

  /** Reads a FORGET or BATCH_FORGET: the kernel does not know its nodes any more. */
  void readForgotten(MountState state) {
    if (opcode == Opcode.FORGET) {
      state.forgotten(libfuseNode());
      return;
    }
    long first = arguments() + BatchForgetIn.STRUCT_SIZE;
    int count = BatchForgetIn.count(arguments());
    for (int i = 0; i < count; i++) {
      state.forgotten(ForgetOne.nodeid(first + (long) i * ForgetOne.STRUCT_SIZE));
    }
  }

  /** Returns libfuse's number of the file that a LINK gives another name. */
  long linkedNode() {
    return LinkIn.oldNodeid(arguments());
  }

  /** Takes in an operation that libfuse calls, for {@link #call}. */
  void setCall(Operation.Five operation, long a, long b, long c, long d, long e) {
    this.operation = operation;
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
    this.e = e;
  }

  /** Runs the operation of {@link #setCall}; called again when it is to be retried. */
  int call() throws ErrnoException {
    readContext();
    return operation.apply(this, a, b, c, d, e);
  }

  /** Reads who the caller is, which libfuse knows only while it calls an operation. */
  private void readContext() {
    context.uid = Memory.getInt(fuseContext + UID);
    context.gid = Memory.getInt(fuseContext + GID);
    context.pid = Memory.getInt(fuseContext + PID);
    context.umask = Memory.getInt(fuseContext + UMASK);
    context.killSetid = false;
    context.mayKillSetid = false;
  }

  private long arguments() {
    return message + InHeader.STRUCT_SIZE;
  }

  /** Returns the new name of a RENAME. */
  byte[] renameTarget() {
    long names = arguments() + RenameIn.OLD_SIZE;
    byte[] oldName = Memory.getCString(names);
    return Memory.getCString(names + oldName.length + 1);
  }
}
