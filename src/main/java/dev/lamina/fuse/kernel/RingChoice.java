package dev.lamina.fuse.kernel;

/** The choices of whether requests go through io_uring. */
public enum RingChoice {
  /** Requests go through io_uring if the kernel offers it. */
  IF_OFFERED,

  /** Requests go through io_uring, or the mount fails. */
  REQUIRED,

  /** Requests come from the device only. */
  NEVER
}
