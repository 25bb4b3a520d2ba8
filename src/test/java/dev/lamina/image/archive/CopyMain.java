package dev.lamina.image.archive;

import java.io.IOException;
import java.nio.file.Path;

/** A process that copies an image. */
public final class CopyMain {
  private CopyMain() {}

  /** Takes the source, the target and a directory for temporary files as arguments. */
  public static void main(String[] arguments) throws IOException {
    ImageFacts.copy(
        ImageLocation.parse(arguments[0]).source(Path.of(arguments[2])),
        ImageLocation.parseTarget(arguments[1]).target());
  }
}
