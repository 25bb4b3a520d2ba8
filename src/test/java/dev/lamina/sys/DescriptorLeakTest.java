package dev.lamina.sys;

import static dev.lamina.sys.Workspace.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Tests that no call, whether it succeeds or fails, leaves a descriptor open that it did not
 * return.
 */
class DescriptorLeakTest {
  private static final int CALLS = 200_000;
  private static final long SEED = 4711;
  private static final int MOST_OPEN = 64;

  private final Workspace work = new Workspace();
  private final Random random = new Random(SEED);
  private final List<Integer> open = new ArrayList<>();
  private final Stat stat = new Stat();
  private final DirectoryReader reader = new DirectoryReader();
  private int failed;

  @AfterEach
  void close() {
    work.close();
  }

  @Test
  void aLongRunEndsWithTheDescriptorsItBeganWith() throws IOException {
    // One round first, so that descriptors that classes and native code keep open are open.
    run(2_000);
    Map<String, String> before = descriptors();
    failed = 0;
    run(CALLS);
    assertTrue(failed > CALLS / 20 && failed < CALLS, failed + " calls failed");
    assertEquals(before, descriptors());
  }

  private void run(int calls) {
    for (int i = 0; i < calls; i++) {
      int result = call(random.nextInt(23));
      failed += result < 0 ? 1 : 0;
      while (open.size() > MOST_OPEN) {
        assertEquals(0, Linux.close(open.remove(random.nextInt(open.size()))));
      }
    }
    for (int fd : open) {
      assertEquals(0, Linux.close(fd));
    }
    open.clear();
  }

  /**
   * Returns a name that exists or not, that is a link, a directory or too long, or that leads
   * elsewhere.
   */
  private byte[] name() {
    return switch (random.nextInt(12)) {
      case 0 -> bytes("n".repeat(255 + random.nextInt(2)));
      case 1 -> bytes("x".repeat(4095 + random.nextInt(2)));
      case 2 -> bytes("../x");
      case 3 -> bytes(".");
      case 4 -> Linux.EMPTY;
      default -> bytes("" + (char) ('a' + random.nextInt(8)));
    };
  }

  /**
   * Returns the target of a link. It leads neither upwards nor to the link's own directory, because
   * chains of such links lead out of the sandbox.
   */
  private byte[] target() {
    byte[] name = name();
    return name.length > 0 && name[0] == '.' ? bytes("a") : name;
  }

  /** Returns a descriptor of the directory, an open descriptor, or one that is not open. */
  private int fd() {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(8) == 0 ? 1_000_000 : -1;
      case 1 -> open.isEmpty() ? work.dir : open.get(random.nextInt(open.size()));
      default -> work.dir;
    };
  }

  private int flags() {
    int[] flags = {
      OpenFlags.O_RDONLY,
      OpenFlags.O_RDWR,
      OpenFlags.O_PATH,
      OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW,
      OpenFlags.O_CREAT | OpenFlags.O_RDWR,
      OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_WRONLY,
      OpenFlags.O_TMPFILE | OpenFlags.O_RDWR,
      OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY,
      OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW | OpenFlags.O_NONBLOCK,
      OpenFlags.O_ACCMODE,
    };
    return flags[random.nextInt(flags.length)] | OpenFlags.O_NONBLOCK;
  }

  private int opened(int fd) {
    if (fd >= 0) {
      open.add(fd);
    }
    return fd;
  }

  private int call(int which) {
    return switch (which) {
      case 0, 1, 2 -> opened(Linux.openat(fd(), name(), flags(), 0644));
      case 3 -> opened(Linux.openat2(fd(), name(), flags(), mode2(), Linux.RESOLVE_BENEATH));
      case 4 -> opened(Linux.reopen(fd(), flags()));
      case 5 -> duplicate();
      case 6 -> Linux.fchmodat(fd(), name(), 0640);
      case 7 -> Linux.fchmodatByDescriptor(fd(), name(), 0640);
      case 8 -> Linux.statx(fd(), name(), stat);
      case 9 -> Linux.utimensat(fd(), name(), 1, 2, 3, 4);
      case 10 -> Linux.fchownat(fd(), name(), 1, 2);
      case 11 -> Xattrs.set(fd(), name(), bytes("user.a"), bytes("b"));
      case 12 -> Xattrs.get(fd(), name(), bytes("user.a"), work.memory, 10);
      case 13 -> Xattrs.list(fd(), name(), work.memory, 1000);
      case 14 -> Linux.mkdirat(fd(), name(), 0700);
      case 15 -> Linux.symlinkat(target(), fd(), name());
      case 16 -> Linux.renameat2(fd(), name(), fd(), name(), random.nextInt(4));
      case 17 -> Linux.unlinkat(fd(), name(), random.nextBoolean() ? 0 : Linux.AT_REMOVEDIR);
      case 18 -> Linux.linkat(fd(), name(), fd(), name());
      case 19 -> Linux.linkDescriptor(fd(), fd(), name());
      case 20 -> (int) Linux.copyFileRange(fd(), 0, fd(), 0, 10);
      case 21 -> Linux.ficlone(fd(), fd());
      default -> list();
    };
  }

  /** Returns the mode for openat2, which refuses one if no file is created. */
  private long mode2() {
    return random.nextBoolean() ? 0600 : 0;
  }

  private int duplicate() {
    if (open.size() < 2) {
      return 0;
    }
    int target = open.get(random.nextInt(open.size()));
    return Linux.dup3(fd(), target, OpenFlags.O_CLOEXEC);
  }

  private int list() {
    reader.start(fd());
    int result = reader.next();
    while (result > 0) {
      result = reader.next();
    }
    return result;
  }

  /** Returns the open descriptors of this process, except for the one that lists them. */
  private static Map<String, String> descriptors() throws IOException {
    Map<String, String> descriptors = new TreeMap<>();
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      for (Path file : files.toList()) {
        if (Files.isSymbolicLink(file)) {
          descriptors.put("" + file.getFileName(), "" + Files.readSymbolicLink(file));
        }
      }
    }
    descriptors.values().removeIf(target -> target.matches("/proc/[0-9]+/fd"));
    return descriptors;
  }
}
