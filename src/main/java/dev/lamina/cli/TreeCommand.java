package dev.lamina.cli;

import picocli.CommandLine.Command;

/** Placeholder. */
@Command(name = "tree")
final class TreeCommand extends StoreCommand {
  @Override
  int run() {
    return 0;
  }
}
