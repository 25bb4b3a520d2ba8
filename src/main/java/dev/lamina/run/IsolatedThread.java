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
 * A thread that can enter namespaces of its own, because it does nothing else.
 *
 * <p>A task on this thread must not start a thread, or a process, for which Java starts a thread.
 * Such a thread would be in the same namespaces and have the same root for as long as Java keeps
 * it.
 */
final class IsolatedThread implements AutoCloseable {
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(body -> new Thread(body, "container"));

  /** A task without a result. */
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
      throw new RunException("cannot set up the container: " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunException("interrupted", e);
    }
  }

  /** Returns the directory in /proc that has the namespaces of this thread. */
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

  /** Ends the thread, and with it those of its namespaces that no process is in. */
  @Override
  public void close() {
    thread.shutdown();
  }
}
