package dev.lamina.run;

/** The network that a command sees. */
public enum Network {
  /** The network of the host, without a namespace of its own. */
  HOST,
  /** A network namespace that has only a loopback device. */
  NONE
}
