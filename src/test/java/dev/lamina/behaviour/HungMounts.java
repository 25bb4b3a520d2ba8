package dev.lamina.behaviour;

import dev.lamina.testing.Waiting;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/** After a test ran out of time, detaches every mount, so that the others fail at once. */
final class HungMounts implements TestExecutionExceptionHandler {
  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    if (failure instanceof TimeoutException || failure instanceof Waiting.Hang) {
      Union.detachAll();
    }
    throw failure;
  }
}
