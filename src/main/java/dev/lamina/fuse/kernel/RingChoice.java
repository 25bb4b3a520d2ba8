package dev.lamina.fuse.kernel;

/** Whether requests go through rings of io_uring. */
public enum RingChoice {
  /** Where the kernel offers it. */
  IF_OFFERED,

  /** Or there is no mount. */
  REQUIRED,

  NEVER
}
