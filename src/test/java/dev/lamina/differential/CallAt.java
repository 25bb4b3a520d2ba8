package dev.lamina.differential;

/** An operation that is one call at one place; its result is all there is to learn. */
interface CallAt extends Operation {
  Location at();

  /** A value or −errno. */
  long call(int dirfd, byte[] name);

  @Override
  default Facts execute(World world) {
    return Facts.ofResult(world.at(at(), this::call));
  }
}
