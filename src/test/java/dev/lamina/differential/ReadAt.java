package dev.lamina.differential;

/** An operation that reads something at one place, where the walk there gets through. */
interface ReadAt extends Operation {
  Location at();

  /** Adds what there is to learn. */
  void read(FileFacts reader, int dirfd, byte[] name, Facts facts);

  @Override
  default Facts execute(World world) {
    Facts facts = new Facts();
    long result =
        world.at(
            at(),
            (dirfd, name) -> {
              read(world.reader(), dirfd, name, facts);
              return 0;
            });
    return facts.put("walk", Facts.result(result));
  }
}
