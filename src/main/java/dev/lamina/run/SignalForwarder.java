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
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * Forwards signals of this process to another process. Signals that arrive while there is no such
 * process are held. If one of them is a signal to terminate, the other process is not run at all.
 *
 * <p>SIGQUIT is not forwarded, because the virtual machine uses it to print the stacks of its
 * threads. A signal that was ignored when this process started, as after nohup(1), stays ignored.
 *
 * <p>The class {@code sun.misc.Signal} is in every JDK (module jdk.unsupported), but the compiler
 * gives a warning for it that cannot be turned off. It is therefore used by reflection.
 */
public final class SignalForwarder implements AutoCloseable {
  static final int SIGWINCH = 28;

  private static final Map<String, Integer> NUMBERS =
      Map.of("HUP", 1, "INT", 2, "USR1", 10, "USR2", 12, "TERM", 15, "WINCH", SIGWINCH);

  /** The signals to terminate: SIGHUP, SIGINT and SIGTERM. */
  private static final Set<Integer> ENDING = Set.of(1, 2, 15);

  /** {@link #endStatusSoon} looks this often for a signal, at intervals of {@link #LOOK_NANOS}. */
  private static final int LOOKS = 20;

  private static final long LOOK_NANOS = 10_000_000;

  /** Shells and Docker add this to the number of the signal that has ended a process. */
  private static final int SIGNALLED = 128;

  private final Map<Object, Object> before = new LinkedHashMap<>();
  private final List<Integer> early = new ArrayList<>();
  private final Method handle;
  private IntConsumer receiver;

  /** The first signal to terminate that arrived, or 0. */
  private int ending;

  private SignalForwarder(Method handle) {
    this.handle = handle;
  }

  /** Takes over the signals, which from now on have no other effect on this process. */
  public static SignalForwarder start() throws RunException {
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
      throw new RunException("cannot handle signals: " + e.getMessage(), e);
    }
  }

  /** Returns the set of ignored signals, one bit for each (proc(5)). */
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
    if (ending == 0 && ENDING.contains(number)) {
      ending = number;
    }
    if (receiver == null) {
      early.add(number);
    } else {
      receiver.accept(number);
    }
  }

  /**
   * Forwards signals to a process, first those that were held.
   *
   * @return false if one of those is a signal to terminate. The process may not be able to react to
   *     it yet, so the caller must kill it.
   */
  boolean forwardTo(long pid) {
    // If the process has ended, the error of kill(2) does not matter.
    return forwardTo(number -> ProcessCalls.kill(pid, number));
  }

  synchronized boolean forwardTo(IntConsumer to) {
    if (early.stream().anyMatch(ENDING::contains)) {
      return false;
    }
    receiver = to;
    early.forEach(to::accept);
    early.clear();
    return true;
  }

  /** Holds signals again. */
  public synchronized void hold() {
    receiver = null;
  }

  /** Lets a signal to terminate end this process at once, while there is nothing to clean up. */
  public void exitOnEnd() {
    boolean goesOn =
        forwardTo(
            number -> {
              if (ENDING.contains(number)) {
                // The lock is held here, so a thread that calls hold() first waits for the exit.
                System.exit(SIGNALLED + number);
              }
            });
    if (!goesOn) {
      System.exit(endStatus());
    }
  }

  /** Returns the exit status for the signal to terminate that arrived, or 0 if none has. */
  public synchronized int endStatus() {
    return ending == 0 ? 0 : SIGNALLED + ending;
  }

  /**
   * Returns the same after waiting up to 0.2 s for a signal. A signal to a process group may have
   * ended another process before it is handled in this one.
   */
  public int endStatusSoon() {
    for (int i = 0; i < LOOKS && endStatus() == 0; i++) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
    return endStatus();
  }

  /** Restores the previous handling of the signals. */
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
