package dev.lamina.fuse.kernel;

import dev.lamina.fuse.AttrReply;
import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.LongWork;
import dev.lamina.fuse.OpenReply;
import dev.lamina.fuse.RequestContext;
import dev.lamina.fuse.SetattrRequest;
import dev.lamina.fuse.wire.InHeader;
import dev.lamina.fuse.wire.OutHeader;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.FileSystemStat;
import dev.lamina.sys.Memory;

/**
 * The request that a worker is at: where its message and its answer lie, and what handlers use
 * again and again. Nothing is allocated for a request but its names.
 *
 * <p>The arguments are checked here to lie inside the message, since addresses are not checked
 * anywhere below.
 */
final class Request {
  final RequestContext context = new RequestContext();
  final EntryReply entry = new EntryReply();
  final AttrReply attributes = new AttrReply();
  final SetattrRequest changes = new SetattrRequest();
  final OpenReply open = new OpenReply();

  /** Of open(2), where a file is being opened. */
  int openFlags;

  final FileSystemStat statistics = new FileSystemStat();
  final DirectoryFiller directory = new DirectoryFiller();

  private final long answer;

  /** Bytes that an answer may have after its header. */
  final int answerSize;

  private LongWork work;
  private long message;
  private int opcode;
  private long unique;
  private long nodeid;
  private int argumentsSize;

  /**
   * @param answer where answers are laid out, header first; the body may lie where the strings and
   *     the data of requests do, which handlers have read by then
   * @param answerSize bytes there, header not counted
   */
  Request(long answer, int answerSize) {
    this.answer = answer;
    this.answerSize = answerSize;
  }

  /**
   * Takes a message in.
   *
   * @param received its length in bytes
   * @return false when it is no message at all
   */
  boolean load(long message, int received) {
    this.message = message;
    if (received < InHeader.STRUCT_SIZE || InHeader.length(message) != received) {
      return false;
    }
    opcode = InHeader.opcode(message);
    unique = InHeader.unique(message);
    nodeid = InHeader.nodeid(message);
    context.uid = InHeader.uid(message);
    context.gid = InHeader.gid(message);
    context.pid = InHeader.pid(message);
    context.umask = 0;
    context.killSetid = false;
    context.mayKillSetid = false;
    int extensions = 8 * InHeader.extensionLength(message);
    argumentsSize = received - InHeader.STRUCT_SIZE - extensions;
    return argumentsSize >= 0;
  }

  /** The request has to wait. */
  void defer(LongWork work) {
    this.work = work;
  }

  /** What the request has to wait for; asked once. */
  LongWork takeWork() {
    LongWork taken = work;
    work = null;
    return taken;
  }

  /** Names the request in its answer. */
  long unique() {
    return unique;
  }

  int opcode() {
    return opcode;
  }

  long nodeid() {
    return nodeid;
  }

  /** Address of the arguments. */
  long arguments() {
    return message + InHeader.STRUCT_SIZE;
  }

  /** Bytes of arguments there are. */
  int argumentsSize() {
    return argumentsSize;
  }

  /**
   * The string that starts at an offset of the arguments and ends with a NUL.
   *
   * @throws ErrnoException EIO when the message ends before the string does
   */
  byte[] string(int offset) throws ErrnoException {
    long start = arguments() + offset;
    int length = 0;
    while (offset + length < argumentsSize && Memory.getByte(start + length) != 0) {
      length++;
    }
    if (offset + length >= argumentsSize) {
      throw ErrnoException.of(Errno.EIO);
    }
    byte[] string = new byte[length];
    Memory.getBytes(start, string, 0, length);
    return string;
  }

  /**
   * Checks that so many bytes lie at an offset of the arguments; their address.
   *
   * @throws ErrnoException EIO when the message ends before
   */
  long bytes(int offset, int size) throws ErrnoException {
    if (size < 0 || offset > argumentsSize - size) {
      throw ErrnoException.of(Errno.EIO);
    }
    return arguments() + offset;
  }

  /** Address of the answer's body. */
  long body() {
    return answer + OutHeader.STRUCT_SIZE;
  }

  /**
   * Makes room in the answer.
   *
   * @throws ErrnoException ENOMEM when so many bytes do not fit
   */
  int room(int size) throws ErrnoException {
    if (size < 0 || size > answerSize) {
      throw ErrnoException.of(Errno.ENOMEM);
    }
    return size;
  }

  /** Writes the header of the answer; its length. */
  int finish(int error, int bodySize) {
    int length = OutHeader.STRUCT_SIZE + bodySize;
    OutHeader.write(answer, length, error, unique);
    return length;
  }

  /** Where the answer begins. */
  long answer() {
    return answer;
  }
}
