package dev.lamina.testing;

import dev.lamina.sys.ProcessCalls;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/** Runs operations on files as another user. */
public final class Users {
  /** The ids of the user "nobody" and its group. */
  public static final int NOBODY = 65534;

  private Users() {}

  /**
   * Runs a task on a new thread with these file system ids, which removes the thread's privileges
   * over files (setfsuid(2)). The thread has the supplementary groups of this process.
   */
  public static <T> T as(int uid, int gid, Supplier<T> action) {
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              ProcessCalls.setfsgid(gid);
              ProcessCalls.setfsuid(uid);
              // setfsuid(2) reports no failure. With an impossible id it returns the current one.
              if (ProcessCalls.setfsuid(-1) != uid) {
                throw new AssertionError("cannot become user " + uid);
              }
              return action.get();
            });
    Thread thread = new Thread(task, "user " + uid);
    thread.setDaemon(true);
    thread.start();
    try {
      return Waiting.result("what is done as user " + uid, task);
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
  }

  public static <T> T asNobody(Supplier<T> action) {
    return as(NOBODY, NOBODY, action);
  }
}
