package dev.lamina.testing;

import dev.lamina.sys.ProcessCalls;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/** Does things to files as another user. */
public final class Users {
  /** The user "nobody" and its group. */
  public static final int NOBODY = 65534;

  private Users() {}

  /**
   * Runs on a new thread with these file system ids, which takes the privileges over files from it
   * (setfsuid(2)) and ends with it. It keeps the supplementary groups of this process.
   */
  public static <T> T as(int uid, int gid, Supplier<T> action) {
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              ProcessCalls.setfsgid(gid);
              ProcessCalls.setfsuid(uid);
              // setfsuid(2) reports no failure; an impossible id asks for the current one.
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
