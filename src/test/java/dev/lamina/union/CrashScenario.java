package dev.lamina.union;

import dev.lamina.fuse.AttrReply;
import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.SetattrRequest;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Xattrs;
import dev.lamina.testing.Tree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An operation that is killed at each of its steps, on a tree prepared for it. */
enum CrashScenario {
  DIRECTORY_OVER_WHITEOUT {
    @Override
    void fill(Path lower) throws IOException {
      Files.writeString(lower.resolve("t"), "old");
    }

    @Override
    void prepare(InProcess union) throws ErrnoException {
      unlink(union, ROOT, "t");
      makeSource(union);
    }
  },

  DIRECTORY_OVER_WHITEOUT_LEAVING_ONE {
    @Override
    void fill(Path lower) throws IOException {
      Files.writeString(lower.resolve("s"), "old");
      Files.writeString(lower.resolve("t"), "old");
    }

    @Override
    void prepare(InProcess union) throws ErrnoException {
      unlink(union, ROOT, "s");
      unlink(union, ROOT, "t");
      makeSource(union);
    }
  },

  DIRECTORY_OVER_EMPTIED_DIRECTORY {
    @Override
    void fill(Path lower) throws IOException {
      fillTarget(lower);
    }

    @Override
    void prepare(InProcess union) throws ErrnoException {
      emptyTarget(union);
      makeSource(union);
    }
  },

  DIRECTORY_OVER_EMPTIED_DIRECTORY_LEAVING_A_WHITEOUT {
    @Override
    void fill(Path lower) throws IOException {
      Files.createDirectory(lower.resolve("s"));
      fillTarget(lower);
    }

    @Override
    void prepare(InProcess union) throws ErrnoException {
      emptyTarget(union);
      union.fileSystem.rmdir(union.context, ROOT, InProcess.bytes("s"));
      makeSource(union);
    }
  },

  DIRECTORY_OVER_EMPTY_LOWER_DIRECTORY {
    @Override
    void fill(Path lower) throws IOException {
      Files.createDirectory(lower.resolve("t"));
    }

    @Override
    void prepare(InProcess union) throws ErrnoException {
      makeSource(union);
    }
  },

  LOWER_FILE_OVER_LOWER_FILE {
    @Override
    void fill(Path lower) throws IOException {
      Files.writeString(lower.resolve("s"), "moved");
      Files.writeString(lower.resolve("t"), "old");
    }
  },

  EMPTIED_DIRECTORY_REMOVED {
    @Override
    void fill(Path lower) throws IOException {
      fillTarget(lower);
    }

    @Override
    void prepare(InProcess union) throws ErrnoException {
      emptyTarget(union);
    }

    @Override
    void act(InProcess union) throws ErrnoException {
      union.fileSystem.rmdir(union.context, ROOT, InProcess.bytes("t"));
    }
  },

  DIRECTORY_MADE_OVER_WHITEOUT {
    @Override
    void fill(Path lower) throws IOException {
      fillTarget(lower);
    }

    @Override
    void prepare(InProcess union) throws ErrnoException {
      emptyTarget(union);
      union.fileSystem.rmdir(union.context, ROOT, InProcess.bytes("t"));
    }

    @Override
    void act(InProcess union) throws ErrnoException {
      mkdir(union, "t");
    }
  },

  LINK_OVER_WHITEOUT {
    @Override
    void fill(Path lower) throws IOException {
      Files.writeString(lower.resolve("s"), "linked");
      Files.writeString(lower.resolve("t"), "old");
    }

    @Override
    void prepare(InProcess union) throws ErrnoException {
      unlink(union, ROOT, "t");
    }

    @Override
    void act(InProcess union) throws ErrnoException {
      long file = union.lookup(ROOT, "s").nodeid;
      byte[] name = InProcess.bytes("t");
      union.fileSystem.link(union.context, file, ROOT, name, new EntryReply());
    }
  },

  TRUNCATION_OF_METACOPY {
    @Override
    void fill(Path lower) throws IOException {
      Files.writeString(lower.resolve("f"), "old");
      Path upper = lower.resolveSibling("upper");
      int dirfd =
          Tree.ok(
              Linux.openat(Linux.AT_FDCWD, InProcess.bytes("" + upper), OpenFlags.O_DIRECTORY, 0));
      byte[] name = InProcess.bytes("f");
      int flags = OpenFlags.O_CREAT | OpenFlags.O_WRONLY;
      int fd = Tree.ok(Linux.openat(dirfd, name, flags, 0600));
      Tree.ok(Linux.ftruncate(fd, "old".length()));
      Tree.ok(
          Xattrs.set(fd, Linux.EMPTY, InProcess.bytes("trusted.overlay.metacopy"), new byte[0]));
      Tree.ok(Linux.close(fd));
      Tree.ok(Linux.close(dirfd));
    }

    @Override
    void act(InProcess union) throws ErrnoException {
      SetattrRequest request = new SetattrRequest();
      request.handle = FuseFileSystem.NO_HANDLE;
      request.setSize = true;
      long file = union.lookup(ROOT, "f").nodeid;
      union.fileSystem.setattr(union.context, file, request, new AttrReply());
    }
  },

  TRUNCATION_OF_LOWER_FILE {
    @Override
    void fill(Path lower) throws IOException {
      Files.createDirectory(lower.resolve("d"));
      Files.writeString(lower.resolve("d/f"), "old");
    }

    @Override
    void act(InProcess union) throws ErrnoException {
      union.open(union.walk("d/f").nodeid, OpenFlags.O_WRONLY | OpenFlags.O_TRUNC);
    }
  };

  static final int LAYERS = 1;
  static final long DESCRIPTORS = 1000;

  /** A failing call with this name marks the beginning of the operation in the trace. */
  static final String MARKER = "/lamina-crash-test-begins";

  private static final long ROOT = FuseFileSystem.ROOT;

  /** Makes the contents of the lower layer. */
  abstract void fill(Path lower) throws IOException;

  /** Does what comes before the operation and is not killed. */
  void prepare(InProcess union) throws ErrnoException {}

  /** Does the operation, by default a rename of {@code s} to {@code t}. */
  void act(InProcess union) throws ErrnoException {
    byte[] name = InProcess.bytes("s");
    union.fileSystem.rename(union.context, ROOT, name, ROOT, InProcess.bytes("t"), 0);
  }

  /** Runs the process that is killed. Its arguments are the scenario and its directory. */
  public static void main(String[] arguments) throws Exception {
    CrashScenario scenario = valueOf(arguments[0]);
    try (InProcess union = InProcess.in(Path.of(arguments[1]), LAYERS, DESCRIPTORS).mount()) {
      Linux.unlinkat(Linux.AT_FDCWD, InProcess.bytes(MARKER), 0);
      scenario.act(union);
    }
  }

  private static void fillTarget(Path lower) throws IOException {
    Files.createDirectory(lower.resolve("t"));
    Files.writeString(lower.resolve("t/a"), "old");
    Files.writeString(lower.resolve("t/b"), "old");
  }

  private static void emptyTarget(InProcess union) throws ErrnoException {
    long directory = union.lookup(ROOT, "t").nodeid;
    unlink(union, directory, "a");
    unlink(union, directory, "b");
  }

  private static void makeSource(InProcess union) throws ErrnoException {
    union.create(mkdir(union, "s"), "new", "moved");
  }

  private static long mkdir(InProcess union, String name) throws ErrnoException {
    EntryReply made = new EntryReply();
    union.fileSystem.mkdir(union.context, ROOT, InProcess.bytes(name), 0750, made);
    return made.nodeid;
  }

  private static void unlink(InProcess union, long parent, String name) throws ErrnoException {
    union.fileSystem.unlink(union.context, parent, InProcess.bytes(name));
  }
}
