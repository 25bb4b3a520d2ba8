package dev.lamina.union;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.fuse.AttrReply;
import dev.lamina.fuse.DirectoryPlusReply;
import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.OpenReply;
import dev.lamina.fuse.SetattrRequest;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.FileSystemStat;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Tree;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * An operation of {@link ReadFaultMatrixTest}: as a request, with all lookups that lead to it, and
 * as the same system call on a mount of kernel overlayfs.
 *
 * @param metacopy whether it needs the layer that has a metacopy
 */
record FaultOperation(String name, Request request, Call call, boolean metacopy) {
  private static final long ROOT = FuseFileSystem.ROOT;
  private static final int SIZE = 4096;

  /** Makes the request and returns the reply as text. */
  @FunctionalInterface
  interface Request {
    String run(InProcess union) throws ErrnoException;
  }

  /** Makes the system call and returns its result, or the negative errno. */
  @FunctionalInterface
  interface Call {
    long run(Tree tree);
  }

  /** An operation on an object that a path leads to. */
  @FunctionalInterface
  interface OnNode {
    String run(InProcess union, EntryReply node) throws ErrnoException;
  }

  /** An operation on a name in a directory. */
  @FunctionalInterface
  interface OnName {
    void run(InProcess union, long parent, byte[] name) throws ErrnoException;
  }

  /** An operation that needs native memory. */
  @FunctionalInterface
  private interface WithMemory {
    int run(long address) throws ErrnoException;
  }

  @Override
  public String toString() {
    return name;
  }

  static List<FaultOperation> all() {
    List<FaultOperation> all = new ArrayList<>();
    looks(all);
    attributes(all);
    creations(all);
    removals(all);
    renames(all);
    FaultContents.addTo(all);
    FaultFlags.addTo(all);
    return all;
  }

  private static void looks(List<FaultOperation> all) {
    String names = "d/a d/c d/u d/gone w o/hidden o/own new/inner xw/hid ";
    String more = "xw/shown e/x uf h1 uh1 sl ud/uf2 od none";
    for (String path : (names + more).split(" ")) {
      add(all, "lookup " + path, union -> find(union, path), tree -> 0);
    }
    for (String path : List.of("d", "f", "uf", "new", "h1", "p")) {
      node(all, "getattr " + path, path, FaultOperation::attributes, tree -> 0);
    }
    for (String path : List.of("sl", "us")) {
      node(
          all,
          "readlink " + path,
          path,
          (union, node) ->
              memory(
                  address -> union.fileSystem.readlink(union.context, node.nodeid, address, SIZE)),
          tree -> 0);
    }
    for (String path : List.of("", "d", "e", "o", "new", "xw", "ud", "em")) {
      node(all, "readdir /" + path, path, (union, node) -> "" + union.list(node.nodeid), tree -> 0);
      node(all, "readdirplus /" + path, path, FaultOperation::listPlus, tree -> 0);
    }
    node(
        all,
        "statfs",
        "",
        (union, node) -> {
          FileSystemStat reply = new FileSystemStat();
          union.fileSystem.statfs(union.context, node.nodeid, reply);
          return "" + reply.id;
        },
        tree -> 0);
    for (String path : List.of("xa", "uf", "d")) {
      node(
          all,
          "listxattr " + path,
          path,
          (union, node) ->
              memory(
                  address -> union.fileSystem.listxattr(union.context, node.nodeid, address, SIZE)),
          tree -> 0);
    }
    node(
        all,
        "getxattr xa",
        "xa",
        (union, node) ->
            memory(
                address ->
                    union.fileSystem.getxattr(
                        union.context, node.nodeid, Tree.bytes("user.key"), address, SIZE)),
        tree -> 0);
    node(
        all,
        "getxattr f",
        "f",
        (union, node) ->
            memory(
                address ->
                    union.fileSystem.getxattr(
                        union.context,
                        node.nodeid,
                        Tree.bytes("security.capability"),
                        address,
                        SIZE)),
        tree -> tree.getxattr("f", "security.capability"));
    for (String path : List.of("f", "uf", "d")) {
      node(
          all,
          "ioctl getflags " + path,
          path,
          (union, node) -> {
            ByteBuffer buffer = ByteBuffer.allocateDirect(8);
            union.fileSystem.ioctl(
                union.context, node.nodeid, 0x80086601L, 0, 0, Memory.address(buffer), 4);
            Reference.reachabilityFence(buffer);
            return "";
          },
          tree -> 0);
    }
  }

  private static void attributes(List<FaultOperation> all) {
    for (String path :
        List.of("f", "uf", "p", "dev", "h1", "uh1", "d", "o", "em", "ud", "d/a", "new/inner")) {
      setattr(
          all,
          "chmod " + path,
          path,
          request -> {
            request.setMode = true;
            request.mode = 0640;
          },
          tree -> tree.chmod(path, 0640));
    }
    for (String path : List.of("f", "sl", "us", "d/sub")) {
      setattr(
          all,
          "chown " + path,
          path,
          request -> {
            request.setUid = true;
            request.uid = 7;
            request.setGid = true;
            request.gid = 8;
          },
          tree -> tree.chown(path, 7, 8));
    }
    setattr(
        all,
        "utimens f",
        "f",
        request -> {
          request.setAtime = true;
          request.setMtime = true;
          request.atimeSeconds = FaultTree.OLD_SECONDS;
          request.mtimeSeconds = FaultTree.OLD_SECONDS;
        },
        tree -> tree.utimens("f", FaultTree.OLD_SECONDS, 0));
    for (String path : List.of("f", "uf", "d", "sl")) {
      String attribute = path.equals("sl") ? "trusted.key" : "user.new";
      node(
          all,
          "setxattr " + path,
          path,
          (union, node) -> {
            ByteBuffer buffer = ByteBuffer.allocateDirect(8).put((byte) 'x');
            union.fileSystem.setxattr(
                union.context, node.nodeid, Tree.bytes(attribute), Memory.address(buffer), 1, 0);
            Reference.reachabilityFence(buffer);
            return "";
          },
          tree -> tree.setxattr(path, attribute, "x"));
    }
    node(
        all,
        "removexattr xa",
        "xa",
        (union, node) -> {
          union.fileSystem.removexattr(union.context, node.nodeid, Tree.bytes("user.key"));
          return "";
        },
        tree -> tree.removexattr("xa", "user.key"));
  }

  private static void creations(List<FaultOperation> all) {
    for (String path : List.of("d/n", "w", "e/x", "o/hidden", "ud/n", "sub2", "v2")) {
      name(
          all,
          "mknod " + path,
          path,
          (union, parent, name) ->
              union.fileSystem.mknod(
                  union.context, parent, name, Mode.S_IFIFO | 0600, 0, new EntryReply()),
          tree -> tree.mknod(path, Mode.S_IFIFO | 0600, 0));
      name(
          all,
          "mkdir " + path,
          path,
          (union, parent, name) ->
              union.fileSystem.mkdir(union.context, parent, name, 0750, new EntryReply()),
          tree -> tree.mkdir(path, 0750));
      name(
          all,
          "symlink " + path,
          path,
          (union, parent, name) ->
              union.fileSystem.symlink(
                  union.context, parent, name, Tree.bytes("t"), new EntryReply()),
          tree -> tree.symlink("t", path));
      name(
          all,
          "create " + path,
          path,
          (union, parent, name) -> {
            EntryReply entry = new EntryReply();
            OpenReply open = new OpenReply();
            int flags = OpenFlags.O_RDWR | OpenFlags.O_CREAT;
            union.fileSystem.create(union.context, parent, name, 0640, flags, entry, open);
            union.fileSystem.release(union.context, entry.nodeid, open.handle);
          },
          tree -> closed(tree.open(path, OpenFlags.O_RDWR | OpenFlags.O_CREAT, 0640)));
    }
    for (String source : List.of("f", "uf", "h1", "uh1", "sl")) {
      for (String path : List.of("d/l", "w")) {
        name(
            all,
            "link " + source + " " + path,
            path,
            (union, parent, name) -> {
              EntryReply from = union.walk(source);
              union.fileSystem.link(union.context, from.nodeid, parent, name, new EntryReply());
            },
            tree -> tree.link(source, path));
      }
    }
    node(
        all,
        "tmpfile d",
        "d",
        (union, node) -> {
          EntryReply entry = new EntryReply();
          OpenReply open = new OpenReply();
          union.fileSystem.tmpfile(union.context, node.nodeid, 0600, OpenFlags.O_RDWR, entry, open);
          union.fileSystem.release(union.context, entry.nodeid, open.handle);
          union.forget(entry.nodeid);
          return "";
        },
        tree -> closed(tree.open("d", OpenFlags.O_TMPFILE | OpenFlags.O_RDWR, 0600)));
  }

  private static void removals(List<FaultOperation> all) {
    for (String path :
        List.of(
            "f",
            "uf",
            "d/a",
            "d/c",
            "d/u",
            "h1",
            "uh1",
            "sl",
            "p",
            "dev",
            "new/inner",
            "xw/shown")) {
      name(
          all,
          "unlink " + path,
          path,
          (union, parent, name) -> union.fileSystem.unlink(union.context, parent, name),
          tree -> tree.unlink(path));
    }
    for (String path : List.of("em", "e", "ud", "d/sub", "d", "od", "o", "new")) {
      name(
          all,
          "rmdir " + path,
          path,
          (union, parent, name) -> union.fileSystem.rmdir(union.context, parent, name),
          tree -> tree.rmdir(path));
    }
  }

  private static void renames(List<FaultOperation> all) {
    String[] pairs = {
      "f g", "f uf", "f w", "f d/n", "f d/a", "f g2", "uf g", "uf f", "uf w", "uf d/gone", "d/u u",
          "d/a a",
      "sl s", "us f", "h1 h", "uh1 h", "p q", "ud n", "ud w", "ud e", "ud em", "ud d/n",
          "ud d/gone", "od ud2",
      "ud d", "d n", "ud f", "f ud", "new n", "od d/sub"
    };
    for (String pair : pairs) {
      String[] paths = pair.split(" ");
      rename(all, "rename", paths[0], paths[1], 0);
    }
    for (String pair :
        List.of("uf f", "f uf", "ud uf", "ud od", "sl d/u", "h1 uh1", "d uf", "f none")) {
      String[] paths = pair.split(" ");
      rename(all, "exchange", paths[0], paths[1], Linux.RENAME_EXCHANGE);
    }
    rename(all, "noreplace", "uf", "n", Linux.RENAME_NOREPLACE);
    rename(all, "noreplace", "uf", "f", Linux.RENAME_NOREPLACE);
  }

  private static void rename(
      List<FaultOperation> all, String what, String from, String to, int flags) {
    name(
        all,
        what + " " + from + " " + to,
        to,
        (union, parent, name) -> {
          String directory = parentOf(from);
          long source = directory.isEmpty() ? ROOT : union.walk(directory).nodeid;
          byte[] old = Tree.bytes(nameOf(from));
          union.fileSystem.rename(union.context, source, old, parent, name, flags);
        },
        tree -> tree.rename(from, to, flags));
  }

  // The parts of the operations.

  static void add(List<FaultOperation> all, String name, Request request, Call call) {
    add(all, name, request, call, false);
  }

  static void add(
      List<FaultOperation> all, String name, Request request, Call call, boolean metacopy) {
    all.add(new FaultOperation(name, request, call, metacopy));
  }

  static void node(List<FaultOperation> all, String name, String path, OnNode request, Call call) {
    add(
        all,
        name,
        union -> {
          EntryReply node = new EntryReply();
          node.nodeid = ROOT;
          return request.run(union, path.isEmpty() ? node : union.walk(path));
        },
        call);
  }

  static void name(List<FaultOperation> all, String name, String path, OnName request, Call call) {
    add(
        all,
        name,
        union -> {
          String parent = parentOf(path);
          long directory = parent.isEmpty() ? ROOT : union.walk(parent).nodeid;
          request.run(union, directory, Tree.bytes(nameOf(path)));
          return "";
        },
        call);
  }

  static void setattr(
      List<FaultOperation> all,
      String name,
      String path,
      Consumer<SetattrRequest> change,
      Call call) {
    node(
        all,
        name,
        path,
        (union, node) -> {
          SetattrRequest request = new SetattrRequest();
          request.handle = FuseFileSystem.NO_HANDLE;
          change.accept(request);
          AttrReply reply = new AttrReply();
          union.fileSystem.setattr(union.context, node.nodeid, request, reply);
          return text(reply);
        },
        call);
  }

  private static String parentOf(String path) {
    return path.contains("/") ? path.substring(0, path.lastIndexOf('/')) : "";
  }

  private static String nameOf(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static String find(InProcess union, String path) throws ErrnoException {
    String parent = parentOf(path);
    long directory = parent.isEmpty() ? ROOT : union.walk(parent).nodeid;
    EntryReply reply = union.lookup(directory, nameOf(path));
    return reply.isNegative() ? "none" : text(reply);
  }

  private static String attributes(InProcess union, EntryReply node) throws ErrnoException {
    AttrReply reply = new AttrReply();
    union.fileSystem.getattr(union.context, node.nodeid, FuseFileSystem.NO_HANDLE, reply);
    return text(reply);
  }

  static String text(AttrReply reply) {
    // Numbers differ from run to run; ReadFaultMatrixTest compares them with those of listings.
    return Integer.toOctalString(reply.stat.mode) + " " + reply.stat.size + " " + reply.stat.nlink;
  }

  private static String listPlus(InProcess union, EntryReply node) throws ErrnoException {
    Map<String, String> entries = new TreeMap<>();
    List<Long> found = new ArrayList<>();
    DirectoryPlusReply reply =
        new DirectoryPlusReply() {
          @Override
          public boolean hasRoom(int nameLength) {
            return true;
          }

          @Override
          public boolean add(byte[] names, int offset, int length, long ino, int type, long next) {
            return true;
          }

          @Override
          public void addPlus(
              byte[] names,
              int offset,
              int length,
              long ino,
              int type,
              long next,
              EntryReply entry) {
            String name = new String(names, offset, length, ISO_8859_1);
            // Attributes may be missing; the kernel would ask for them.
            boolean differs = entry != null && entry.stat.ino != ino;
            entries.put(name, Integer.toOctalString(type) + (differs ? " another number" : ""));
            if (entry != null) {
              found.add(entry.nodeid);
            }
          }
        };
    union.fileSystem.readdirplus(union.context, node.nodeid, FuseFileSystem.NO_HANDLE, 0, reply);
    found.forEach(union::forget);
    return entries.toString();
  }

  private static String memory(WithMemory action) throws ErrnoException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(SIZE);
    byte[] bytes = new byte[action.run(Memory.address(buffer))];
    buffer.get(bytes);
    Reference.reachabilityFence(buffer);
    return new String(bytes, ISO_8859_1);
  }

  static long closed(int fd) {
    return fd < 0 ? fd : Linux.close(fd);
  }
}
