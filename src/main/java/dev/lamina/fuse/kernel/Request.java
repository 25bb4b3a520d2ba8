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
 * The request that a worker handles: the memory of its message and its answer, and objects that are
 * reused for all requests. Only names are allocated for each request.
 *
 * <p>This class checks that arguments lie within the message, since no code below checks addresses.
 */
final class Request {
  final RequestContext context = new RequestContext();
  final EntryReply entry = new EntryReply();
  final AttrReply attributes = new AttrReply();
  final SetattrRequest changes = new SetattrRequest();
  final OpenReply open = new OpenReply();

  /** The flags of open(2), if a file is being opened. */
  int openFlags;

  final FileSystemStat statistics = new FileSystemStat();
  final DirectoryFiller directory = new DirectoryFiller();

  private final long answer;

  /** The largest size of an answer without its header, in bytes. */
  final int answerSize;

  private LongWork work;
  private long message;
  private int opcode;
  private long unique;
  private long nodeid;
  private int argumentsSize;

  /**
   * @param answer the address that answers are written to, header first; the body may overlap the
   *     strings and the data of the request, which handlers have read by then
   * @param answerSize the size of that memory without the header, in bytes
   */
  Request(long answer, int answerSize) {
    this.answer = answer;
    this.answerSize = answerSize;
  }

  /**
   * Reads the header of a message.
   *
   * @param received the length of the message in bytes
   * @return false if the message is malformed
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

  /** Records what the request has to wait for. */
  void defer(LongWork work) {
    this.work = work;
  }

  /** Returns what the request has to wait for, once. */
  LongWork takeWork() {
    LongWork taken = work;
    work = null;
    return taken;
  }

  /** Returns the number that identifies the request in its answer. */
  long unique() {
    return unique;
  }

  int opcode() {
    return opcode;
  }

  long nodeid() {
    return nodeid;
  }

  /** Returns the address of the arguments. */
  long arguments() {
    return message + InHeader.STRUCT_SIZE;
  }

  /** Returns the size of the arguments in bytes. */
  int argumentsSize() {
    return argumentsSize;
  }

  /**
   * Returns the string that starts at an offset in the arguments and ends with a NUL.
   *
   * @throws ErrnoException EIO if the message ends before the string does
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
   * Returns the address of {@code size} bytes at an offset in the arguments.
   *
   * @throws ErrnoException EIO if they are not all within the message
   */
  long bytes(int offset, int size) throws ErrnoException {
    if (size < 0 || offset > argumentsSize - size) {
      throw ErrnoException.of(Errno.EIO);
    }
    return arguments() + offset;
  }

  /** Returns the address of the body of the answer. */
  long body() {
    return answer + OutHeader.STRUCT_SIZE;
  }

  /**
   * Checks that the answer can hold {@code size} bytes, and returns that size.
   *
   * @throws ErrnoException ENOMEM if it cannot
   */
  int room(int size) throws ErrnoException {
    if (size < 0 || size > answerSize) {
      throw ErrnoException.of(Errno.ENOMEM);
    }
    return size;
  }

  /** Writes the header of the answer and returns the length of the whole answer. */
  int finish(int error, int bodySize) {
    int length = OutHeader.STRUCT_SIZE + bodySize;
    OutHeader.write(answer, length, error, unique);
    return length;
  }

  /** Returns the address of the answer. */
  long answer() {
    return answer;
  }
}
