package dev.lamina.mount;

import dev.lamina.fuse.AttrReply;
import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.OpenReply;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Log;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** Logs every operation in one readable line, for {@code --debug}. */
final class Tracing implements InvocationHandler {
  private final FuseFileSystem traced;

  private Tracing(FuseFileSystem traced) {
    this.traced = traced;
  }

  /** Returns the same file system, but a line is logged for each operation. */
  static FuseFileSystem of(FuseFileSystem fileSystem) {
    return (FuseFileSystem)
        Proxy.newProxyInstance(
            Tracing.class.getClassLoader(),
            new Class<?>[] {FuseFileSystem.class},
            new Tracing(fileSystem));
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] args) throws Throwable {
    long start = System.nanoTime();
    String outcome = "failed";
    try {
      Object result = method.invoke(traced, args);
      outcome = describeReply(args, result);
      return result;
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause();
      outcome = cause instanceof ErrnoException ? cause.getMessage() : cause.toString();
      throw cause;
    } finally {
      long micros = (System.nanoTime() - start) / 1000;
      String name = method.getName();
      Log.debug(
          Tracing.class,
          "{}{} = {} ({} us)",
          name,
          TracedArguments.describe(name, args),
          outcome,
          micros);
    }
  }

  private static String describeReply(Object[] args, Object result) {
    StringBuilder line = new StringBuilder(result == null ? "ok" : result.toString());
    for (Object arg : args == null ? new Object[0] : args) {
      if (arg instanceof EntryReply entry) {
        line.append(entry.isNegative() ? " none" : " nodeid " + entry.nodeid);
      } else if (arg instanceof AttrReply attributes) {
        line.append(" mode ").append(Integer.toOctalString(attributes.stat.mode));
        line.append(" size ").append(attributes.stat.size);
      } else if (arg instanceof OpenReply open) {
        line.append(" handle ").append(open.handle);
      }
    }
    return line.toString();
  }
}
