package dev.lamina.behaviour;

import dev.lamina.testing.Mounter;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

/**
 * The mounters a test class runs on: Lamina over every transport and, as the check of the test,
 * kernel overlayfs.
 */
final class Mounters implements ArgumentsProvider {
  /** Restricts the run, to names separated by commas. */
  static final String PROPERTY = "lamina.test.mounters";

  @Override
  public Stream<? extends Arguments> provideArguments(
      ParameterDeclarations parameters, ExtensionContext context) {
    boolean laminaOnly = context.getRequiredTestClass().isAnnotationPresent(LaminaOnly.class);
    String wanted = System.getProperty(PROPERTY, "");
    if (!wanted.isEmpty()) {
      return Stream.of(wanted.split(","))
          .map(Mounter::valueOf)
          .filter(mounter -> !laminaOnly || mounter != Mounter.KERNEL_OVERLAY)
          .map(Arguments::of);
    }
    return Stream.concat(
            laminaOnly ? Stream.empty() : Stream.of(Mounter.KERNEL_OVERLAY), Mounter.transports())
        .map(Arguments::of);
  }
}
