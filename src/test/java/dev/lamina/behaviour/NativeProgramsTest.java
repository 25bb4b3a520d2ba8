package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.bytes;
import static dev.lamina.testing.Tree.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Mounter;
import dev.lamina.testing.NativePrograms;
import dev.lamina.testing.Snapshot;
import dev.lamina.testing.Tree;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What Java cannot ask of a mount: each program of native-test/ checks one thing in a directory of
 * lower files, and none of them may change the lower layer.
 */
@Tag("one-jdk")
class NativeProgramsTest extends UnionTest {
  private static final String PLACE = "place";
  private static final int MIB = 1 << 20;

  /** The lower layer that every program finds. */
  private static void fill(Tree lower) {
    Tree place = lower.directory(PLACE);
    place.write("text", "lower text");
    place.write("other", "other text");
    place.write("data", "a".repeat(4096) + "b".repeat(4096) + "c".repeat(4096));
    place.directory("dir").write("inner", "inner text");
    for (int i = 1; i <= 6; i++) {
      place.write("suid" + i, "x");
      ok(place.chown("suid" + i, 1000, 1000));
      ok(place.chmod("suid" + i, 06755));
    }
    place.write("sparse", "");
    ok(place.truncate("sparse", 8 * MIB));
    int fd = ok(place.open("sparse", OpenFlags.O_WRONLY));
    Tree.pwrite(fd, "1", MIB);
    Tree.pwrite(fd, "4", 4 * MIB);
    ok(Linux.close(fd));
    Commands.run("cp", "/bin/sleep", place.string("sleep")).succeed();
    fillEdited(place);
  }

  private static void fillEdited(Tree place) {
    String large = "0123456789abcdef".repeat(9 * MIB / 16);
    for (String name : List.of("large", "database")) {
      place.write(name, large);
      ok(place.chmod(name, 0755));
    }
    place.write("edited.sh", "#!/bin/sh\n");
    ok(place.chmod("edited.sh", 0755));
    int number = 0;
    for (String name : List.of("one", "two", "three", "four", "five")) {
      place.write("elf" + ++number, "\u007fELF " + name);
    }
  }

  private void run(String program, String... arguments) {
    try (Union union = Union.writable(mounter, 1)) {
      boolean many = program.equals("telldir");
      if (many) {
        // In memory, where so many files are made quickly.
        Commands.run("mount", "-t", "tmpfs", "tmpfs", union.lower().string("")).succeed();
      }
      fill(union.lower());
      if (many) {
        fillMany(union.lower());
      }
      Map<String, String> before = Snapshot.exact(union.lower());
      union.mount();
      List<String> command = new ArrayList<>(List.of(NativePrograms.get(program).toString()));
      command.add(union.merged().string(PLACE));
      command.addAll(List.of(arguments));
      Commands.Result result = Commands.run(command.toArray(String[]::new));
      assertEquals("", result.out() + result.err());
      assertEquals(0, result.status());
      union.unmount();
      Snapshot.assertSame("the lower layer", before, Snapshot.exact(union.lower()));
    }
  }

  private static void fillMany(Tree lower) {
    Tree many = lower.directory(PLACE + "/many");
    int fd = ok(many.open("", OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY));
    for (int i = 0; i < 5000; i++) {
      ok(Linux.mknodat(fd, bytes("" + i), Mode.S_IFREG | 0644, 0));
    }
    ok(Linux.close(fd));
  }

  @Test
  void mappingsAcrossCopyUp() {
    run("mmap_copyup");
  }

  @Test
  void openForReadingThenForWriting() {
    run("open_ro_then_rw");
  }

  /** What kernel overlayfs shows, also of large files and of ones that may be executed. */
  @Test
  void lowerFilesEditedInPlace() {
    run("edited_in_place");
  }

  /** The price of passthrough: who has a program open keeps what there was. */
  @Test
  void programsEditedInPlace() {
    boolean keeps = mounter.isLamina() && mounter.capabilities().passthrough();
    run("programs_in_place", keeps ? "kept" : "");
  }

  @Test
  void flagsThatAreChangedLater() {
    run("open_flags");
  }

  /** Kernel overlayfs keeps telling the link count of the lower file, as if it had its name. */
  @Test
  void openFilesWithoutAName() {
    run("unlinked_open", mounter.isLamina() ? "lower-nlink" : "");
  }

  @Test
  void locksBetweenProcesses() {
    run("locks");
  }

  /** libfuse 2 has no lseek, so there the kernel takes a file for all data. */
  @Test
  void copyUpKeepsHoles() {
    run("seek_hole", mounter == Mounter.LAMINA_LIBFUSE ? "blocks" : "seek");
  }

  @Test
  void descriptorsAcrossCopyUp() {
    run("fds_across_copyup");
  }

  /** libfuse 2 has neither TMPFILE nor RENAME2. */
  @Test
  void unnamedFilesAndFlagsOfRename() {
    run("tmpfile_renameat2", mounter.capabilities().renameFlags() ? "has" : "lacks");
  }

  /** libfuse 2 asks for a directory's attributes by its path, which is gone. */
  @Test
  void removedDirectoriesThatAreOpen() {
    run("dirfd_removed", mounter.capabilities().removedDirectories() ? "attributes" : "none");
  }

  @Test
  void positionsInADirectory() {
    run("telldir");
  }

  @Test
  void programsRun() {
    run("fork_exec");
  }

  @Test
  void writingClearsTheSetuidBit() {
    run("suid_write");
  }
}
