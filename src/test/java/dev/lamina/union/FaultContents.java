package dev.lamina.union;

import static dev.lamina.union.FaultOperation.add;
import static dev.lamina.union.FaultOperation.closed;
import static dev.lamina.union.FaultOperation.name;
import static dev.lamina.union.FaultOperation.node;
import static dev.lamina.union.FaultOperation.text;

import dev.lamina.fuse.AttrReply;
import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.OpenReply;
import dev.lamina.fuse.SetattrRequest;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Tree;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Operations of {@link ReadFaultMatrixTest} that read, write or truncate files. */
final class FaultContents {
  private static final int TRUNCATE = OpenFlags.O_TRUNC;
  private static final int SOMEBODY = 1000;

  /** Regular files of all kinds: lower, upper, with several names, redirected, metacopies. */
  private static final List<String> FILES =
      List.of("f", "uf", "d/b", "h1", "h2", "uh1", "new/inner", "cap", "meta");

  private static final Map<String, Integer> TRUNCATING =
      new TreeMap<>(
          Map.of(
              "O_WRONLY", OpenFlags.O_WRONLY | TRUNCATE,
              "O_RDWR", OpenFlags.O_RDWR | TRUNCATE,
              "O_RDONLY", OpenFlags.O_RDONLY | TRUNCATE));

  private FaultContents() {}

  static void addTo(List<FaultOperation> all) {
    several(all);
    appends(all);
    truncations(all);
    truncatingOpens(all);
    opensOfWhatIsThere(all);
    bySomebodyElse(all);
  }

  private static void several(List<FaultOperation> all) {
    for (String path : List.of("f", "uf", "d/a", "h1", "new/inner", "meta")) {
      boolean metacopy = isMetacopy(path);
      add(
          all,
          "read " + path,
          union -> {
            EntryReply node = union.walk(path);
            return opened(
                union, node, OpenFlags.O_RDONLY, handle -> union.read(node.nodeid, handle));
          },
          tree -> 0,
          metacopy);
      add(
          all,
          "write " + path,
          union -> {
            EntryReply node = union.walk(path);
            return opened(
                union,
                node,
                OpenFlags.O_RDWR,
                handle -> {
                  union.write(node.nodeid, handle, "new");
                  return "";
                });
          },
          tree -> written(tree, path),
          metacopy);
    }
    add(
        all,
        "chmod meta",
        union ->
            changed(
                union,
                union.walk("meta"),
                FuseFileSystem.NO_HANDLE,
                request -> {
                  request.setMode = true;
                  request.mode = 0640;
                }),
        FaultContents::changedWithData,
        true);
    for (String path : List.of("f", "uf")) {
      node(
          all,
          "fallocate " + path,
          path,
          (union, node) ->
              opened(
                  union,
                  node,
                  OpenFlags.O_RDWR,
                  handle -> {
                    union.fileSystem.fallocate(union.context, node.nodeid, handle, 0, 0, 100);
                    return "";
                  }),
          tree -> allocated(tree, path));
      node(
          all,
          "lseek " + path,
          path,
          (union, node) ->
              opened(
                  union,
                  node,
                  OpenFlags.O_RDONLY,
                  handle ->
                      ""
                          + union.fileSystem.lseek(
                              union.context, node.nodeid, handle, 0, Linux.SEEK_HOLE)),
          tree -> 0);
      node(
          all,
          "fsync " + path,
          path,
          (union, node) ->
              opened(
                  union,
                  node,
                  OpenFlags.O_RDONLY,
                  handle -> {
                    union.fileSystem.fsync(union.context, node.nodeid, handle, false);
                    return "";
                  }),
          tree -> 0);
    }
    node(
        all,
        "copy_file_range f uf",
        "f",
        (union, node) -> {
          EntryReply target = union.walk("uf");
          return opened(
              union,
              node,
              OpenFlags.O_RDONLY,
              in ->
                  opened(
                      union,
                      target,
                      OpenFlags.O_RDWR,
                      out -> "" + union.fileSystem.copyFileRange(union.context, in, 0, out, 0, 4)));
        },
        FaultContents::copied);
    node(
        all,
        "fsyncdir d",
        "d",
        (union, node) -> {
          OpenReply open = new OpenReply();
          union.fileSystem.opendir(union.context, node.nodeid, 0, open);
          try {
            union.fileSystem.fsyncdir(union.context, node.nodeid, open.handle, false);
          } finally {
            union.fileSystem.releasedir(union.context, node.nodeid, open.handle);
          }
          return "";
        },
        tree -> 0);
  }

  private static void appends(List<FaultOperation> all) {
    for (String path : FILES) {
      add(
          all,
          "append " + path,
          union -> {
            EntryReply node = union.walk(path);
            int flags = OpenFlags.O_WRONLY | OpenFlags.O_APPEND;
            return opened(
                union, node, flags, handle -> appended(union, node.nodeid, handle, "more"));
          },
          tree -> appended(tree, path, "more"),
          isMetacopy(path));
    }
  }

  /** Writes of which the kernel does not choose the offset itself. */
  private static String appended(InProcess union, long nodeid, long handle, String text)
      throws ErrnoException {
    byte[] bytes = Tree.bytes(text);
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).put(bytes);
    long address = Memory.address(buffer);
    int count =
        union.fileSystem.write(
            union.context, nodeid, handle, FuseFileSystem.APPEND, address, bytes.length);
    Reference.reachabilityFence(buffer);
    return "" + count;
  }

  private static long appended(Tree tree, String path, String text) {
    int fd = tree.open(path, OpenFlags.O_WRONLY | OpenFlags.O_APPEND);
    if (fd >= 0) {
      // Linux ignores the offset.
      Tree.pwrite(fd, text, 0);
    }
    return closed(fd);
  }

  private static void truncations(List<FaultOperation> all) {
    for (String path : FILES) {
      for (long size : new long[] {0, 3, FaultTree.content(path).length(), 100}) {
        setattr(
            all,
            "truncate " + path + " to " + size,
            path,
            request -> {
              request.setSize = true;
              request.size = size;
            },
            tree -> tree.truncate(path, size));
      }
    }
    for (String path : List.of("f", "uf", "new/inner")) {
      setattr(
          all,
          "truncate, utimens " + path,
          path,
          request -> {
            request.setSize = true;
            request.size = 3;
            request.setMtime = true;
            request.mtimeSeconds = FaultTree.OLD_SECONDS;
          },
          tree -> {
            Tree.ok(tree.truncate(path, 3));
            return tree.utimens(path, FaultTree.OLD_SECONDS, 0);
          });
      setattr(
          all,
          "truncate, chmod, chown " + path,
          path,
          request -> {
            request.setSize = true;
            request.size = 3;
            request.setUid = true;
            request.uid = 7;
            request.setGid = true;
            request.gid = 8;
            request.setMode = true;
            request.mode = 0640;
          },
          tree -> {
            Tree.ok(tree.truncate(path, 3));
            Tree.ok(tree.chown(path, 7, 8));
            return tree.chmod(path, 0640);
          });
    }
    for (String path : List.of("f", "uf", "meta")) {
      for (int flags : new int[] {OpenFlags.O_RDONLY, OpenFlags.O_RDWR}) {
        boolean isRead = flags == OpenFlags.O_RDONLY;
        add(
            all,
            "truncate by a descriptor " + (isRead ? "read " : "written ") + path,
            union -> {
              EntryReply node = union.walk(path);
              return opened(
                  union,
                  node,
                  flags,
                  handle ->
                      changed(
                          union,
                          node,
                          handle,
                          request -> {
                            request.setSize = true;
                            request.size = 3;
                          }));
            },
            tree -> tree.truncate(path, 3),
            isMetacopy(path));
      }
    }
  }

  private static void truncatingOpens(List<FaultOperation> all) {
    for (String path : FILES) {
      TRUNCATING.forEach(
          (name, flags) ->
              add(
                  all,
                  "open " + name + "|O_TRUNC " + path,
                  union -> {
                    EntryReply node = union.walk(path);
                    return opened(union, node, flags, handle -> "");
                  },
                  tree -> closed(tree.open(path, flags)),
                  isMetacopy(path)));
    }
  }

  /** Opens with O_CREAT of a name that the kernel does not know yet. */
  private static void opensOfWhatIsThere(List<FaultOperation> all) {
    int create = OpenFlags.O_RDWR | OpenFlags.O_CREAT;
    for (String path : List.of("f", "uf", "d/b", "d/u", "h1", "uh1", "new/inner", "d")) {
      create(all, "create existing " + path, path, create);
      create(all, "create existing O_TRUNC " + path, path, create | TRUNCATE);
    }
    create(all, "create existing O_EXCL f", "f", create | OpenFlags.O_EXCL | TRUNCATE);
    create(all, "create O_TRUNC n", "n", create | TRUNCATE);
    create(all, "create O_TRUNC w", "w", create | TRUNCATE);
  }

  private static void create(List<FaultOperation> all, String what, String path, int flags) {
    name(
        all,
        what,
        path,
        (union, parent, name) -> {
          EntryReply entry = new EntryReply();
          OpenReply open = new OpenReply();
          union.fileSystem.create(union.context, parent, name, 0640, flags, entry, open);
          union.fileSystem.release(union.context, entry.nodeid, open.handle);
        },
        tree -> closed(tree.open(path, flags | OpenFlags.O_NOFOLLOW, 0640)));
  }

  /** Requests of the kernel when an ordinary user changes a file: setuid is cleared (inode(7)). */
  private static void bySomebodyElse(List<FaultOperation> all) {
    for (String path : List.of("setuid", "usetuid")) {
      somebody(
          all,
          "truncate by somebody " + path,
          path,
          (union, node) ->
              changed(
                  union,
                  node,
                  FuseFileSystem.NO_HANDLE,
                  request -> {
                    request.setSize = true;
                    request.size = 3;
                  }),
          tree -> tree.truncate(path, 3));
      TRUNCATING.forEach(
          (name, flags) ->
              somebody(
                  all,
                  "open by somebody " + name + "|O_TRUNC " + path,
                  path,
                  (union, node) -> opened(union, node, flags, handle -> ""),
                  tree -> closed(tree.open(path, flags))));
      somebody(
          all,
          "append by somebody " + path,
          path,
          (union, node) -> {
            // The kernel sets this for the write, but not for an open that does not truncate.
            union.context.killSetid = false;
            return opened(
                union,
                node,
                OpenFlags.O_WRONLY | OpenFlags.O_APPEND,
                handle -> {
                  union.context.killSetid = true;
                  return appended(union, node.nodeid, handle, "more");
                });
          },
          tree -> appended(tree, path, "more"));
    }
  }

  private static void somebody(
      List<FaultOperation> all,
      String what,
      String path,
      FaultOperation.OnNode request,
      FaultOperation.Call call) {
    node(
        all,
        what,
        path,
        (union, node) -> {
          union.context.uid = SOMEBODY;
          union.context.gid = SOMEBODY;
          union.context.killSetid = true;
          try {
            return request.run(union, node);
          } finally {
            union.context.uid = 0;
            union.context.gid = 0;
            union.context.killSetid = false;
          }
        },
        tree -> {
          Tree.ok((int) call.run(tree));
          return tree.chmod(path, 0755);
        });
  }

  // The parts of the operations.

  private static boolean isMetacopy(String path) {
    return path.equals("meta");
  }

  private static void setattr(
      List<FaultOperation> all,
      String what,
      String path,
      Consumer<SetattrRequest> change,
      FaultOperation.Call call) {
    add(
        all,
        what,
        union -> changed(union, union.walk(path), FuseFileSystem.NO_HANDLE, change),
        call,
        isMetacopy(path));
  }

  static String changed(
      InProcess union, EntryReply node, long handle, Consumer<SetattrRequest> change)
      throws ErrnoException {
    SetattrRequest request = new SetattrRequest();
    request.handle = handle;
    change.accept(request);
    AttrReply reply = new AttrReply();
    union.fileSystem.setattr(union.context, node.nodeid, request, reply);
    return text(reply);
  }

  /** An operation on an open file. */
  @FunctionalInterface
  private interface WithHandle {
    String run(long handle) throws ErrnoException;
  }

  private static String opened(InProcess union, EntryReply node, int flags, WithHandle action)
      throws ErrnoException {
    long handle = union.open(node.nodeid, flags);
    try {
      return action.run(handle);
    } finally {
      union.fileSystem.release(union.context, node.nodeid, handle);
    }
  }

  private static long written(Tree tree, String path) {
    int fd = tree.open(path, OpenFlags.O_RDWR);
    if (fd >= 0) {
      Tree.pwrite(fd, "new", 0);
    }
    return closed(fd);
  }

  /** Copies the data too, as the union does; the kernel leaves it in the lower layer. */
  private static long changedWithData(Tree tree) {
    Tree.ok(closed(tree.open("meta", OpenFlags.O_RDWR)));
    return tree.chmod("meta", 0640);
  }

  private static long allocated(Tree tree, String path) {
    int fd = tree.open(path, OpenFlags.O_RDWR);
    if (fd >= 0) {
      Tree.ok(Linux.fallocate(fd, 0, 0, 100));
    }
    return closed(fd);
  }

  private static long copied(Tree tree) {
    int in = Tree.ok(tree.open("f", OpenFlags.O_RDONLY));
    int out = Tree.ok(tree.open("uf", OpenFlags.O_RDWR));
    Tree.ok(Linux.copyFileRange(in, 0, out, 0, 4));
    Linux.close(out);
    return Linux.close(in);
  }
}
