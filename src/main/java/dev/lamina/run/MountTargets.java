package dev.lamina.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The mount points that were made in a root file system for this run. They are not changes of the
 * user, so they are removed in the end, unless they were changed meanwhile. The directory that held
 * one gets its modification time back, unless something else has changed it. A layer with a copy of
 * that directory then differs in nothing from the layers below.
 */
final class MountTargets {
  /**
   * A mount point that was made.
   *
   * @param parent a descriptor (O_PATH) of its directory, held until the end, so that renames by
   *     the command do not matter
   * @param before the status of the directory before the mount point was made
   * @param after the status of the directory afterwards
   */
  private record Made(int parent, byte[] name, Stat itself, Stat before, Stat after) {}

  private static final String WHAT = "a note of what a run has made";

  /** The newest comes first, so that a directory comes after the objects in it. */
  private final Deque<Made> all = new ArrayDeque<>();

  private final int root;
  private final Path notes;

  /**
   * @param root a descriptor (O_PATH) of the root file system, which the caller closes
   * @param notes a file with a line of JSON for each mount point, read by {@link AbandonedRun} if
   *     this run is killed; null for none
   */
  MountTargets(int root, Path notes) {
    this.root = root;
    this.notes = notes;
  }

  /**
   * Records an object that was just made.
   *
   * @param parent a descriptor of its directory, which the caller closes
   * @param before the status of that directory before the object was made
   */
  void add(int parent, byte[] name, Stat before) {
    Stat itself = new Stat();
    Stat after = new Stat();
    if (Linux.statx(parent, name, itself) < 0 || Linux.fstat(parent, after) < 0) {
      // Something has removed it already.
      return;
    }
    int held = Linux.fcntl(parent, Linux.F_DUPFD_CLOEXEC, 0);
    if (held >= 0) {
      Made made = new Made(held, name, itself, before, after);
      all.push(made);
      note(made);
    }
  }

  private void note(Made made) {
    if (notes == null) {
      return;
    }
    try {
      String top = RootDirectory.realPath(root);
      String directory = RootDirectory.realPath(made.parent).substring(top.length());
      ObjectNode note = Json.object().put("directory", directory);
      note.put("name", Bytes.string(made.name));
      note.put("inode", made.itself.ino).put("mode", made.itself.mode);
      note.put("uid", made.itself.uid).put("gid", made.itself.gid);
      putTime(note, "time", made.itself);
      putTime(note, "before", made.before);
      putTime(note, "after", made.after);
      byte[] line = (note + "\n").getBytes(UTF_8);
      Files.write(notes, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      // The run itself does not need the notes. If it is killed, this one mount point stays.
    }
  }

  /** Reads the notes of a killed run. */
  void restore() throws IOException {
    if (!Files.exists(notes)) {
      return;
    }
    // The file may end in the middle of a line, or of a character.
    for (String line : new String(Files.readAllBytes(notes), UTF_8).split("\n")) {
      try {
        restore(Json.parse(WHAT, line.getBytes(UTF_8)));
      } catch (ImageException e) {
        // The run was killed while it wrote this line.
      }
    }
  }

  private void restore(ObjectNode note) throws ImageException {
    byte[] directory = Bytes.of("/" + Json.required(WHAT, note, "directory"));
    byte[] name = Bytes.of(Json.required(WHAT, note, "name"));
    Stat itself = time(note, "time");
    itself.ino = note.path("inode").longValue();
    itself.mode = note.path("mode").intValue();
    itself.uid = note.path("uid").intValue();
    itself.gid = note.path("gid").intValue();
    long resolve = Linux.RESOLVE_IN_ROOT | Linux.RESOLVE_NO_SYMLINKS;
    long flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    int parent = Linux.openat2(root, directory, flags, 0, resolve);
    if (parent >= 0) {
      all.push(new Made(parent, name, itself, time(note, "before"), time(note, "after")));
    }
  }

  private static void putTime(ObjectNode note, String field, Stat stat) {
    note.putArray(field).add(stat.mtimeSeconds).add(stat.mtimeNanos);
  }

  private static Stat time(ObjectNode note, String field) {
    Stat stat = new Stat();
    stat.mtimeSeconds = note.path(field).path(0).longValue();
    stat.mtimeNanos = note.path(field).path(1).intValue();
    return stat;
  }

  /** Removes the mount points. The command must have ended. */
  void remove() {
    while (!all.isEmpty()) {
      Made made = all.pop();
      remove(made);
      Linux.close(made.parent);
    }
  }

  private static void remove(Made made) {
    Stat now = new Stat();
    Stat parent = new Stat();
    if (Linux.statx(made.parent, made.name, now) < 0
        || !isStill(made.itself, now)
        || Linux.fstat(made.parent, parent) < 0) {
      return;
    }
    int flags = now.isDirectory() ? Linux.AT_REMOVEDIR : 0;
    // A directory that is not empty stays.
    if (Linux.unlinkat(made.parent, made.name, flags) == 0) {
      Stat time = haveSameTime(parent, made.after) ? made.before : parent;
      int none = Linux.UTIME_OMIT;
      Linux.utimensat(made.parent, Linux.EMPTY, 0, none, time.mtimeSeconds, time.mtimeNanos);
    }
  }

  private static boolean isStill(Stat made, Stat now) {
    return made.ino == now.ino
        && made.mode == now.mode
        && made.uid == now.uid
        && made.gid == now.gid
        && (now.isDirectory() || now.size == 0 && now.nlink == 1)
        && haveSameTime(made, now);
  }

  private static boolean haveSameTime(Stat one, Stat other) {
    return one.mtimeSeconds == other.mtimeSeconds && one.mtimeNanos == other.mtimeNanos;
  }
}
