package dev.lamina.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A thread that can have namespaces of its own, since it does nothing else.
 *
 * <p>What it is given to do must not start a thread, nor a process, for which Java starts a thread:
 * that one would be in the same namespaces, for as long as Java keeps it, and have the same root.
 */
final class IsolatedThread implements AutoCloseable {
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(body -> new Thread(body, "container"));

  /** Something to do without a result. */
  interface Action {
    void run() throws RunException;
  }

  void call(Action action) throws RunException {
    this.<Void>call(
        () -> {
          action.run();
          return null;
        });
  }

  <T> T call(Callable<T> body) throws RunException {
    Future<T> task = thread.submit(body);
    try {
      return task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RunException failure) {
        throw failure;
      }
      throw new RunException("the container cannot be set up: " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunException("interrupted", e);
    }
  }

  /** The directory of its namespaces in /proc. */
  String namespaces() throws RunException {
    return call(
        () -> {
          try {
            return "/proc/" + Files.readSymbolicLink(Path.of("/proc/thread-self")) + "/ns";
          } catch (IOException e) {
            throw new RunException("/proc is not mounted", e);
          }
        });
  }

  /** Ends the thread, and with it the namespaces that no process is in. */
  @Override
  public void close() {
    thread.shutdown();
  }
}
