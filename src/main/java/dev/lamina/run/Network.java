package dev.lamina.run;

/** Which network a command sees. */
public enum Network {
  /** That of the machine, as if it were not run in a container. */
  HOST,
  /** A loopback device and nothing else. */
  NONE
}
