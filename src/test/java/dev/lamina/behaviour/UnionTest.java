package dev.lamina.behaviour;

import dev.lamina.testing.Mounter;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ArgumentsSource;

/** Tests that run on every {@link Mounter} and make the mounts they need themselves. */
// No invocation at all only where the property asks for mounters that the class is not for.
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@ArgumentsSource(Mounters.class)
@ExtendWith(HungMounts.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class UnionTest {
  @Parameter Mounter mounter;
}
