package dev.lamina.differential;

import dev.lamina.testing.Mounter;
import java.util.ArrayList;
import java.util.List;

/**
 * What is compared with what.
 *
 * @param reference says what is right
 * @param subject is tested
 * @param subjectOptions mount options of the subject beside the usual ones
 */
record Setup(Mounter reference, Mounter subject, List<String> subjectOptions) {
  /** The subject compared with kernel overlayfs. */
  static Setup of(Mounter subject, String... subjectOptions) {
    return new Setup(Mounter.KERNEL_OVERLAY, subject, List.of(subjectOptions));
  }

  List<String> referenceOptions() {
    return usualOptions(reference);
  }

  /**
   * The usual options, then the subject's own: of two that contradict each other the last holds.
   */
  List<String> allSubjectOptions() {
    List<String> all = new ArrayList<>(usualOptions(subject));
    all.addAll(subjectOptions);
    return all;
  }

  /** The protocol of libfuse 2 has neither flags for renames nor ACLs, and names files by paths. */
  Abilities abilities() {
    return subject == Mounter.LAMINA_LIBFUSE ? new Abilities(false, false, false) : Abilities.ALL;
  }

  /**
   * noatime: otherwise reading would change what is compared. The features of overlayfs that change
   * the upper's format are off, whatever the kernel was built with.
   */
  private static List<String> usualOptions(Mounter mounter) {
    return switch (mounter) {
      case KERNEL_OVERLAY ->
          List.of("noatime", "redirect_dir=off", "metacopy=off", "index=off", "xino=off");
      case FUSE_OVERLAYFS -> List.of("noatime");
      default -> List.of("noatime", "redirect_dir=off", "metacopy=off");
    };
  }
}
