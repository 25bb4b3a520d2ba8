package dev.lamina.differential;

/** How far a run goes: shrinking need not go beyond where the difference was found. */
enum Extent {
  /** The operations and the trees as processes see them. */
  VIEWS,
  /** Also what is left in the upper directories. */
  UPPERS,
  /** Also the subject's upper mounted by the reference. */
  MOUNTED_BY_REFERENCE,
  /** Also the reference's upper mounted by the subject: everything. */
  ALL;

  static final String UPPER_KIND = "upper directory";
  static final String BY_REFERENCE_KIND = "subject's upper under the reference";
  static final String BY_SUBJECT_KIND = "reference's upper under the subject";

  /** The shortest run that can show a difference of this kind. */
  static Extent of(Difference difference) {
    return switch (difference.kind()) {
      case UPPER_KIND -> UPPERS;
      case BY_REFERENCE_KIND -> MOUNTED_BY_REFERENCE;
      // A failure may have come at any time.
      case BY_SUBJECT_KIND, WorkerThread.FAILURE_KIND -> ALL;
      default -> VIEWS;
    };
  }
}
