package dev.lamina.union;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lamina.fuse.Capabilities;
import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.OpenReply;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Memory;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.ReadFaults;
import dev.lamina.union.inode.InodeReplies;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests which files are offered for passthrough, and what follows from it, without a kernel. */
class PassthroughPolicyTest {
  private static final String ELF = "\u007fELF and more";

  private InProcess union;

  /** Receives the nodeid when attributes have changed. */
  private LongConsumer onChange = nodeid -> {};

  @AfterEach
  void close() {
    if (union != null) {
      union.close();
    }
  }

  private EntryReply file(String name, String content) throws Exception {
    union = new InProcess(1, 1000);
    Files.writeString(union.lower(0).resolve(name), content);
    union.mount();
    union.fileSystem.init(
        new Capabilities(true, true, true, true, true, true),
        (nodeid, ino) -> onChange.accept(nodeid));
    return union.lookup(1, name);
  }

  private OpenReply open(long nodeid, int flags) throws ErrnoException {
    OpenReply reply = new OpenReply();
    reply.clear();
    union.fileSystem.open(union.context, nodeid, flags, reply);
    return reply;
  }

  private boolean isOffered(long nodeid) throws ErrnoException {
    OpenReply reply = open(nodeid, OpenFlags.O_RDONLY);
    union.fileSystem.release(union.context, nodeid, reply.handle);
    return reply.backing != OpenReply.NO_BACKING;
  }

  @Test
  void theFirstBytesMakeAProgram() throws Exception {
    String[] others = {"", "\u007fEL", "#!/bin/sh\n", " " + ELF, "x".repeat(100)};
    for (String content : others) {
      assertEquals(false, isOffered(file("lib.so", content).nodeid), content);
      union.close();
    }
    assertEquals(true, isOffered(file("data", ELF).nodeid));
  }

  /** An error is not taken for an answer, whichever call it is. */
  @Test
  void whatCannotBeReadIsLookedAtAgain() throws Exception {
    for (int errno : new int[] {Errno.EIO, Errno.EINTR, Errno.ENOMEM}) {
      List<String> failed = new ArrayList<>();
      for (int number = 1; failed.size() == number - 1; number++) {
        EntryReply file = file("program", ELF);
        try (ReadFaults faults = ReadFaults.of(number, errno)) {
          try {
            isOffered(file.nodeid);
          } catch (ErrnoException e) {
            assertEquals(errno, e.errno());
          }
          faults.failed().ifPresent(failed::add);
        }
        assertEquals(true, isOffered(file.nodeid), () -> "after " + failed);
        union.close();
      }
      assertEquals("pread64", failed.get(failed.size() - 1));
    }
  }

  /** The transport may decline, and the file is like any other then. */
  @Test
  void aDeclinedOfferIsNone() throws Exception {
    EntryReply file = file("program", ELF);
    OpenReply reader = open(file.nodeid, OpenFlags.O_RDONLY);
    union.fileSystem.servesData(reader.handle);
    long writer = union.open(file.nodeid, OpenFlags.O_RDWR);
    union.write(file.nodeid, writer, "changed");
    assertEquals("changed" + ELF.substring(7), union.read(file.nodeid, reader.handle));
    assertEquals(file.nodeid, union.lookup(1, "program").nodeid);
  }

  /** This holds for all callers, whatever their process id. */
  @Test
  void theNamesOfAFileThatIsReadGoToASuccessor() throws Exception {
    EntryReply file = file("program", ELF);
    OpenReply reader = open(file.nodeid, OpenFlags.O_RDONLY);
    assertEquals(Errno.ESTALE, errnoOfWriting(file.nodeid));
    EntryReply successor = union.lookup(1, "program");
    assertEquals(file.stat.ino, successor.stat.ino);
    assertEquals(0, successor.attrValidSeconds);
    // A caller that comes back has no name to look up.
    assertEquals(Errno.ETXTBSY, errnoOfWriting(file.nodeid));
    assertEquals(Errno.ETXTBSY, errnoOfWriting(file.nodeid));
    assertEquals(true, open(successor.nodeid, OpenFlags.O_RDWR).direct);
    assertEquals(true, open(file.nodeid, OpenFlags.O_RDONLY).direct);
    union.fileSystem.release(union.context, file.nodeid, reader.handle);
  }

  @Test
  void bothInodesOfAFileHaveItsAttributes() throws Exception {
    byte[] capability = InProcess.bytes("security.capability");
    byte[] value = {1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    EntryReply file = file("program", ELF);
    OpenReply reader = open(file.nodeid, OpenFlags.O_RDONLY);
    assertEquals(-Errno.ENODATA, xattr(file.nodeid, capability));
    assertEquals(Errno.ESTALE, errnoOfWriting(file.nodeid));
    EntryReply successor = union.lookup(1, "program");
    assertEquals(-Errno.ENODATA, xattr(successor.nodeid, capability));
    ByteBuffer buffer = ByteBuffer.allocateDirect(value.length).put(value);
    union.fileSystem.setxattr(
        union.context, successor.nodeid, capability, Memory.address(buffer), value.length, 0);
    assertEquals(value.length, xattr(successor.nodeid, capability));
    assertEquals(value.length, xattr(file.nodeid, capability));
    union.fileSystem.removexattr(union.context, file.nodeid, capability);
    assertEquals(-Errno.ENODATA, xattr(successor.nodeid, capability));
    union.fileSystem.release(union.context, file.nodeid, reader.handle);
  }

  /** Returns the length, or the negative errno. */
  private int xattr(long nodeid, byte[] name) {
    try {
      return union.fileSystem.getxattr(union.context, nodeid, name, 0, 0);
    } catch (ErrnoException e) {
      return -e.errno();
    }
  }

  /** The file is written to while it is copied up for link(2). */
  @Test
  void aNewLinkLeadsToTheSuccessor() throws Exception {
    EntryReply file = file("program", ELF);
    List<Integer> refused = new ArrayList<>();
    onChange =
        nodeid -> {
          onChange = other -> {};
          refused.add(errnoOfWriting(nodeid));
        };
    OpenReply reader = open(file.nodeid, OpenFlags.O_RDONLY);
    EntryReply link = new EntryReply();
    union.fileSystem.link(union.context, file.nodeid, 1, InProcess.bytes("link"), link);
    assertEquals(List.of(Errno.ESTALE), refused);
    assertEquals(union.lookup(1, "program").nodeid, link.nodeid);
    assertEquals(link.nodeid, union.lookup(1, "link").nodeid);
    assertEquals(2, link.stat.nlink);
    union.fileSystem.release(union.context, file.nodeid, reader.handle);
  }

  /** Once the kernel forgets the old inode, the successor is an inode like any other. */
  @Test
  void aSuccessorOutlivesWhomItSucceeds() throws Exception {
    EntryReply file = file("program", ELF);
    int known = union.fileSystem.knownInodes();
    OpenReply reader = open(file.nodeid, OpenFlags.O_RDONLY);
    assertEquals(Errno.ESTALE, errnoOfWriting(file.nodeid));
    EntryReply successor = union.lookup(1, "program");
    assertEquals(known + 1, union.fileSystem.knownInodes());
    union.fileSystem.release(union.context, file.nodeid, reader.handle);
    long writer = union.open(file.nodeid, OpenFlags.O_RDWR);
    union.fileSystem.release(union.context, file.nodeid, writer);
    union.forget(file.nodeid);
    assertEquals(known, union.fileSystem.knownInodes());
    EntryReply again = union.lookup(1, "program");
    assertEquals(successor.nodeid, again.nodeid);
    assertEquals(InodeReplies.FOREVER_SECONDS, again.attrValidSeconds);
    assertEquals(false, open(again.nodeid, OpenFlags.O_RDWR).direct);
    union.forget(again.nodeid);
    union.forget(again.nodeid);
    assertEquals(known - 1, union.fileSystem.knownInodes());
  }

  private int errnoOfWriting(long nodeid) {
    return assertThrows(ErrnoException.class, () -> open(nodeid, OpenFlags.O_RDWR)).errno();
  }
}
