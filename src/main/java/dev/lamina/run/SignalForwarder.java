package dev.lamina.run;

import dev.lamina.sys.ProcessCalls;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * Passes signals that this process gets on to another one while it is open. Those that come before
 * that process is known wait for it.
 *
 * <p>SIGQUIT is not among them: the virtual machine keeps it for itself, to print its threads'
 * stacks. A signal that this process was started to ignore, as nohup(1) does, is left ignored.
 *
 * <p>{@code sun.misc.Signal} is in every JDK (module jdk.unsupported), but the compiler warns of it
 * and cannot be told not to, hence the reflection.
 */
final class SignalForwarder implements AutoCloseable {
  static final int SIGWINCH = 28;

  private static final Map<String, Integer> NUMBERS =
      Map.of("HUP", 1, "INT", 2, "USR1", 10, "USR2", 12, "TERM", 15, "WINCH", SIGWINCH);

  private final Map<Object, Object> before = new LinkedHashMap<>();
  private final List<Integer> early = new ArrayList<>();
  private final Method handle;
  private IntConsumer receiver;

  private SignalForwarder(Method handle) {
    this.handle = handle;
  }

  /** From now on signals do nothing to this process. */
  static SignalForwarder start() throws RunException {
    try {
      Class<?> signalClass = Class.forName("sun.misc.Signal");
      Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
      SignalForwarder forwarder =
          new SignalForwarder(signalClass.getMethod("handle", signalClass, handlerClass));
      Object handler =
          Proxy.newProxyInstance(
              SignalForwarder.class.getClassLoader(),
              new Class<?>[] {handlerClass},
              (self, method, arguments) -> forwarder.invoke(self, method, arguments));
      long ignored = ignored();
      for (String name : NUMBERS.keySet()) {
        if ((ignored >>> NUMBERS.get(name) - 1 & 1) == 0) {
          Object signal = signalClass.getConstructor(String.class).newInstance(name);
          forwarder.before.put(signal, forwarder.handle.invoke(null, signal, handler));
        }
      }
      return forwarder;
    } catch (ReflectiveOperationException | IOException e) {
      throw new RunException("signals cannot be handled: " + e.getMessage(), e);
    }
  }

  /** A bit for each signal, by proc(5). */
  private static long ignored() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("SigIgn:")) {
        return Long.parseUnsignedLong(line.substring("SigIgn:".length()).strip(), 16);
      }
    }
    return 0;
  }

  private Object invoke(Object self, Method method, Object[] arguments)
      throws ReflectiveOperationException {
    switch (method.getName()) {
      case "handle" -> {
        Object signal = arguments[0];
        String name = (String) signal.getClass().getMethod("getName").invoke(signal);
        received(NUMBERS.get(name));
        return null;
      }
      case "equals" -> {
        return self == arguments[0];
      }
      case "hashCode" -> {
        return System.identityHashCode(self);
      }
      default -> {
        return "forwarder";
      }
    }
  }

  private synchronized void received(int number) {
    if (receiver == null) {
      early.add(number);
    } else {
      receiver.accept(number);
    }
  }

  /** Signals go to a process, those that waited first. */
  void forwardTo(long pid) {
    // It may have ended: then there is nobody to tell.
    forwardTo(number -> ProcessCalls.kill(pid, number));
  }

  synchronized void forwardTo(IntConsumer to) {
    receiver = to;
    early.forEach(to::accept);
    early.clear();
  }

  /** Signals do to this process what they did before. */
  @Override
  public void close() {
    before.forEach(
        (signal, handler) -> {
          try {
            handle.invoke(null, signal, handler);
          } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(e);
          }
        });
  }
}
