package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.AttrReply;
import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.OpenReply;
import dev.lamina.fuse.RequestContext;
import dev.lamina.fuse.SetattrRequest;
import dev.lamina.sys.FileSystemStat;
import dev.lamina.sys.Memory;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import ru.serce.jnrfuse.LibFuse;
import ru.serce.jnrfuse.struct.FuseContext;

/**
 * The request that a thread is at, and what its operations use again and again.
 *
 * <p>libfuse turns one request into several operations, and some mean different things in different
 * requests; so its opcode is read from the kernel's message.
 */
final class Request {
  /** Opcodes of linux/fuse.h. */
  static final int LOOKUP = 1;

  static final int FORGET = 2;
  static final int GETATTR = 3;
  static final int SETATTR = 4;
  static final int SYMLINK = 6;
  static final int MKNOD = 8;
  static final int MKDIR = 9;
  static final int UNLINK = 10;
  static final int RENAME = 12;
  static final int LINK = 13;
  static final int OPEN = 14;
  static final int INIT = 26;
  static final int CREATE = 35;
  static final int BATCH_FORGET = 42;

  /** In {@code struct fuse_in_header}. */
  private static final int OPCODE = 4;

  private static final int NODEID = 16;
  private static final int HEADER_SIZE = 40;

  /** After {@code struct fuse_batch_forget_in}, a list of {@code struct fuse_forget_one}. */
  private static final int FORGET_LIST = HEADER_SIZE + 8;

  private static final int FORGET_ONE_SIZE = 16;

  /** Bytes of {@code struct fuse_rename_in}, which the two names follow. */
  private static final int RENAME_SIZE = 8;

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

  /** For the operations that take two paths. */
  final PathWalker secondWalker;

  /** The open file that a RENAME is about to replace. */
  Orphans.Orphan displaced;

  /** How long the name that the answer is about may be taken for true; negative ones as well. */
  long entryValidSeconds;

  /** How long the attributes in the answer may be taken for true. */
  long attrValidSeconds;

  private final long message;
  private final long fuseContext;
  private int opcode;

  /**
   * @param message where this thread's requests arrive
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
    // libfuse has one for each thread, which stays where it is for as long as the thread lives.
    fuseContext = Struct.getMemory(library.fuse_get_context()).address();
  }

  /** What the calling thread is at. */
  static Request current() {
    return CURRENT.get();
  }

  /** Makes this the calling thread's. */
  void use() {
    CURRENT.set(this);
  }

  /** Called when a request has arrived. */
  void begin() {
    opcode = Memory.getInt(message + OPCODE);
    displaced = null;
    entryValidSeconds = 0;
    attrValidSeconds = 0;
  }

  /** Called when what follows belongs to no request. */
  void none() {
    opcode = 0;
  }

  int opcode() {
    return opcode;
  }

  /** libfuse's number for the node that the request is about. */
  long libfuseNode() {
    return Memory.getLong(message + NODEID);
  }

  /** True when libfuse's node of this number, cut to 32 bits, is what the request is about. */
  boolean isAbout(long node) {
    long about = opcode == LINK ? linkedNode() : libfuseNode();
    return (about & 0xffffffffL) == node;
  }

  /** True when it changes one object and the kernel learns of that object's attributes only so. */
  boolean isAboutOneFile() {
    return opcode == OPEN || opcode == SETATTR;
  }

  /** A FORGET or BATCH_FORGET: its nodes are not known to the kernel any more. */
  void readForgotten(MountState state) {
    if (opcode == FORGET) {
      state.forgotten(libfuseNode());
      return;
    }
    int count = Memory.getInt(message + HEADER_SIZE);
    for (int i = 0; i < count; i++) {
      state.forgotten(Memory.getLong(message + FORGET_LIST + (long) i * FORGET_ONE_SIZE));
    }
  }

  /** libfuse's number for the file that a LINK is to give one more name. */
  long linkedNode() {
    return Memory.getLong(message + HEADER_SIZE);
  }

  /** Reads who asks; libfuse has it only while an operation is called. */
  void readContext() {
    context.uid = Memory.getInt(fuseContext + UID);
    context.gid = Memory.getInt(fuseContext + GID);
    context.pid = Memory.getInt(fuseContext + PID);
    context.umask = Memory.getInt(fuseContext + UMASK);
    context.killSetid = false;
    context.mayKillSetid = false;
  }

  /** The new name of a RENAME. */
  byte[] renameTarget() {
    long names = message + HEADER_SIZE + RENAME_SIZE;
    byte[] oldName = Memory.getCString(names);
    return Memory.getCString(names + oldName.length + 1);
  }
}
